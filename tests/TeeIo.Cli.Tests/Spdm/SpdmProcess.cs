using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace TeeIo.Cli.Tests.Spdm;

/// <summary>A responder that runs in a process of its own, and its root certificate.</summary>
internal sealed class SpdmProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SpdmProcess(Process process, string folder, int port) => (_process, Folder, Port) = (process, folder, port);

    /// <summary>A folder of its own, gone with it.</summary>
    public string Folder { get; }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>The root certificate of its chain.</summary>
    public string Root => Path.Combine(Folder, "root.pem");

    /// <summary>Starts a responder at a free port.</summary>
    public static async Task<SpdmProcess> ServeAsync(params string[] arguments)
    {
        string folder = Directory.CreateTempSubdirectory("teeio-spdm-").FullName;
        Process process = Start(["responder", "--listen", "127.0.0.1:0", "--write-root", Path.Combine(folder, "root.pem"), .. arguments]);
        TaskCompletionSource<string> said = new();
        process.OutputDataReceived += (_, line) => said.TrySetResult(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => said.TrySetResult(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        string line = await said.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("listening at ", line, StringComparison.Ordinal);
        string address = line.Split(' ')[2];
        return new SpdmProcess(process, folder, int.Parse(address[(address.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture));
    }

    /// <summary>Runs <c>teeio spdm</c> to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using Process process = Start(arguments);
        StringBuilder output = new();
        StringBuilder error = new();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToString(), error.ToString());
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null) text.Append(line).Append('\n');
    }

    /// <summary>Waits until a requester has told it to end.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static Process Start(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "teeio.dll"));
        start.ArgumentList.Add("spdm");
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
