using System.Diagnostics;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TeeIo.Benchmarks;

/// <summary>The first run in a process, when nothing is compiled yet: what the first build of a day waits for.</summary>
internal static class FirstRun
{
    /// <summary>Milliseconds of a first run in this process.</summary>
    public static double Here(Subject subject, int files)
    {
        GeneratorDriver driver = subject.Driver(subject.Files(files));
        _ = Workload.Compilation.SyntaxTrees.Length;
        long start = Stopwatch.GetTimestamp();
        GeneratorDriverRunResult result = driver.RunGenerators(Workload.Compilation).GetRunResult();
        double time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        return result.GeneratedTrees.Length > 0 ? time : throw new InvalidOperationException($"{subject.Name} generated nothing.");
    }

    /// <summary>Milliseconds, sorted, of first runs in processes of their own.</summary>
    /// <param name="times">How many processes.</param>
    /// <param name="arguments">What makes this program do one first run and print what it took.</param>
    public static double[] InProcesses(int times, params IEnumerable<string> arguments) => [.. Enumerable.Range(0, times).Select(_ => InProcess(arguments)).Order()];

    private static double InProcess(IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("dotnet", [typeof(FirstRun).Assembly.Location, .. arguments]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output, CultureInfo.InvariantCulture) : throw new InvalidOperationException($"A first run ended with code {process.ExitCode}.");
    }
}
