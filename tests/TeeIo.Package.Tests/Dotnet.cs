using System.Diagnostics;

namespace TeeIo.Package.Tests;

/// <summary>Runs <c>dotnet</c> as a stranger does: with nothing of the build that runs the tests.</summary>
internal static class Dotnet
{
    /// <summary>Runs <paramref name="program"/>.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="cache">Where packages are unpacked.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What it wrote to standard output; a failure of it is one of the test.</returns>
    public static string Run(string folder, string cache, string program, params IEnumerable<string> arguments)
    {
        (int code, string output) = Try(folder, cache, program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
        return output;
    }

    /// <summary>Runs <paramref name="program"/>, which may fail.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="cache">Where packages are unpacked.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code, and what it wrote to standard output; where it failed, to standard error as well.</returns>
    public static (int Code, string Output) Try(string folder, string cache, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        start.Environment["NUGET_PACKAGES"] = cache;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + error.Result);
    }
}
