using System.ComponentModel;
using System.Diagnostics;

namespace TeeIo.Abi.Tool;

/// <summary>Runs another program and takes what it writes.</summary>
internal static class ExternalProgram
{
    /// <summary>Runs <paramref name="name"/> in <paramref name="directory"/>.</summary>
    /// <returns>Its exit code, and what it wrote to standard output and standard error.</returns>
    /// <exception cref="ToolException">It can't be started.</exception>
    public static (int ExitCode, string Output, string Error) Run(string name, string directory, params IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(name) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = directory };
        start.Environment["LC_ALL"] = "C";
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"'{name}' can't be run: {e.Message}; install it or name another", e);
        }
    }
}
