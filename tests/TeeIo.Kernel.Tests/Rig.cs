using System.Diagnostics;
using System.Reflection;

namespace TeeIo.Kernel.Tests;

/// <summary>The virtual machine with the real kernel, as <c>teeio vm</c> gives it to everybody.</summary>
internal static class Rig
{
    /// <summary>Set where the rig must be there: its absence is a failure then.</summary>
    public const string Required = "TEEIO_RIG";

    private const int NoRig = 125;

    private static readonly Dictionary<string, string?> s_metadata =
        typeof(Rig).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value);

    private static readonly Lazy<string?> s_lack = new(FindLack);

    private static readonly Lock s_publishing = new();

    private static readonly Lazy<string> s_guest = new(() => Publish("tests/TeeIo.Kernel.Guest", "TeeIo.Kernel.Guest"));

    /// <summary>The repository's folder.</summary>
    public static string Root => s_metadata["RepoRoot"]!;

    /// <summary>What is missing for it here, and how to get it; null if nothing is, or if it must be there.</summary>
    public static string? Lack => s_lack.Value;

    /// <summary>Runs a command in it.</summary>
    /// <param name="options">Of <c>teeio vm</c>, before the --.</param>
    /// <param name="command">The command and its arguments.</param>
    /// <returns>Its exit code and what it wrote; on failure of the machine itself its console as well.</returns>
    public static (int Code, string Output) Run(IEnumerable<string> options, params IEnumerable<string> command) =>
        Teeio(["vm", .. options, "--", .. command]);

    /// <summary>Runs <c>teeio</c> itself, on this machine.</summary>
    /// <returns>Its exit code and what it wrote, complaints included where it ended with any code but 0.</returns>
    public static (int Code, string Output) Teeio(params IEnumerable<string> arguments) => Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "teeio.dll"), .. arguments]);

    /// <summary>Compiles a project ahead of time; one at a time, since each restores the projects that they share.</summary>
    /// <returns>The program's path.</returns>
    public static string Publish(string project, string program)
    {
        using Lock.Scope one = s_publishing.EnterScope();
        string output = Path.Combine(Root, "obj", "rig", program);
        (int code, string text) = Start(
            "dotnet",
            [
                "publish", Path.Combine(Root, project), "--configuration", s_metadata["Configuration"]!, "--runtime", "linux-x64", "--output", output, "--verbosity", "quiet", "-p:BuildProjectReferences=false",
                "-p:RunAnalyzersDuringBuild=false", "-p:UseSharedCompilation=false",
            ]);
        Assert.True(code == 0, $"{project} can't be compiled ahead of time:\n{text}");
        return Path.Combine(output, program);
    }

    /// <summary>The program of cases and of the conformance suite, compiled once a run.</summary>
    public static string Guest => s_guest.Value;

    private static string? FindLack()
    {
        if (Environment.GetEnvironmentVariable(Required) is { Length: > 0 }) return null;
        if (!OperatingSystem.IsLinux()) return "the real kernel's tests need Linux on x86-64";
        (int code, _) = Run(["--timeout", "60"], "/bin/true");
        return code == NoRig ? $"no real kernel here: 'bash {Path.Combine("sdk", "TeeIo.Cli", "Rig", "kernel", "rig.sh")}' installs and builds what is missing, once" : null;
    }

    private static (int Code, string Output) Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = Root, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + error.Result);
    }
}
