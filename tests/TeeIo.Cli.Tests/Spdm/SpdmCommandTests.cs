using System.Buffers.Binary;
using System.Net.Sockets;

namespace TeeIo.Cli.Tests.Spdm;

/// <summary><c>teeio spdm</c> as a user runs it: a responder and requesters, each a process of its own.</summary>
public sealed class SpdmCommandTests
{
    public static TheoryData<string, string, string[], string[]> Kinds => new()
    {
        { "pci-doe", "1.2", [], ["--function", "0x100"] },
        { "pci-doe", "1.4", ["--transfer-size", "512", "--message-size", "100000"], ["--function", "0x100", "--transfer-size", "512", "--message-size", "100000"] },
        { "mctp", "1.3", ["--psk", "0102:a1b2"], ["--psk", "0102:a1b2"] },
        { "tcp", "1.1", ["--algorithms", "all"], ["--algorithms", "all"] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_requester_does_all_that_both_can_do(string transport, string version, string[] ofResponder, string[] ofRequester)
    {
        await using SpdmProcess responder = await SpdmProcess.ServeAsync(["--transport", transport, .. ofResponder]);
        (int code, string output, string error) = await SpdmProcess.RunAsync(
            ["requester", "--connect", responder.Address, "--root", responder.Root, "--transport", transport, "--version", version, .. ofRequester]);

        Assert.Equal((0, string.Empty), (code, error));
        string[] expected = ["version, capabilities, algorithms: SPDM " + version, "certificates: a chain of", "challenge: ok", "measurements: ", "session: 0x", "heartbeat: ok", "key update: ok", "end of session: ok"];
        Assert.All(expected, line => Assert.Contains(line, output, StringComparison.Ordinal));
        Assert.Equal(ofRequester.Contains("--function"), output.Contains("TDISP state: Run", StringComparison.Ordinal));
        Assert.Equal(ofRequester.Contains("--psk"), output.Contains("session from the shared key: 0x", StringComparison.Ordinal));
        Assert.Equal(0, await responder.ExitCodeAsync());
    }

    [Fact]
    public async Task Trace_and_capture_show_what_was_exchanged()
    {
        await using SpdmProcess responder = await SpdmProcess.ServeAsync();
        string capture = Path.Combine(responder.Folder, "a.pcap");
        (int code, string output, _) = await SpdmProcess.RunAsync("requester", "--connect", responder.Address, "--root", responder.Root, "--trace", "--pcap", capture, "--function", "100");

        Assert.Equal(0, code);
        Assert.Contains("-> GET_VERSION                  1.0     4 bytes", output, StringComparison.Ordinal);
        Assert.Contains("ffffffff -> VENDOR_DEFINED_REQUEST       1.4    48 bytes  TDISP LOCK_INTERFACE_REQUEST", output, StringComparison.Ordinal);
        byte[] file = await File.ReadAllBytesAsync(capture, TestContext.Current.CancellationToken);
        Assert.Equal(0xA1B2C3D4, BinaryPrimitives.ReadUInt32LittleEndian(file));
        int packets = 0;
        for (int at = 24; at < file.Length; packets++) at += 16 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 8));
        Assert.Equal(output.Split('\n').Count(line => line.Contains("->", StringComparison.Ordinal) || line.Contains("<-", StringComparison.Ordinal)), packets);
    }

    [Fact]
    public async Task A_responder_that_does_not_come_from_the_root_is_not_trusted()
    {
        await using SpdmProcess one = await SpdmProcess.ServeAsync();
        await using SpdmProcess other = await SpdmProcess.ServeAsync();
        (int code, string output, _) = await SpdmProcess.RunAsync("requester", "--connect", one.Address, "--root", other.Root);

        Assert.Equal(1, code);
        Assert.EndsWith("certificates: FAILED, NotAuthentic: the certificate chain comes from a root that isn't trusted\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_does_not_speak_the_protocol_is_dropped_and_the_next_is_served()
    {
        await using SpdmProcess responder = await SpdmProcess.ServeAsync();
        byte[][] peers = [[1, 2, 3], "GET / HTTP/1.0\r\n\r\n"u8.ToArray(), [0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 9, 1]];
        foreach (byte[] peer in peers)
        {
            using TcpClient client = new();
            await client.ConnectAsync("127.0.0.1", responder.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(peer, TestContext.Current.CancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
        }

        (int code, _, _) = await SpdmProcess.RunAsync("requester", "--connect", responder.Address, "--root", responder.Root);
        Assert.Equal(0, code);
    }

    [Theory]
    [InlineData("isn't an address and a port", "--connect", "here")]
    [InlineData("there is no transport smoke; say pci-doe, mctp or tcp", "--transport", "smoke")]
    [InlineData("version 2.0 of SPDM isn't spoken here", "--version", "2.0")]
    [InlineData("--transfer-size is 42 at least, not 41", "--transfer-size", "41")]
    [InlineData("--psk is a hint and a key in hex digits", "--psk", "secret")]
    [InlineData("'wide' isn't a requester id", "--function", "wide")]
    [InlineData("--slot is at most 7, not 8", "--slot", "8")]
    [InlineData("belong together", "--key", "none.pem")]
    public async Task Wrong_arguments_are_refused(string problem, params string[] arguments)
    {
        await using SpdmProcess responder = await SpdmProcess.ServeAsync();
        string[] connect = arguments[0] == "--connect" ? [] : ["--connect", responder.Address];
        (int code, _, string error) = await SpdmProcess.RunAsync(["requester", "--root", responder.Root, .. connect, .. arguments]);

        Assert.Equal(2, code);
        Assert.StartsWith("teeio: ", error, StringComparison.Ordinal);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_root_that_is_no_certificate_and_a_responder_that_is_not_there_are_said()
    {
        string file = Path.GetTempFileName();
        (int code, _, string error) = await SpdmProcess.RunAsync("requester", "--root", file);
        Assert.Equal((2, true), (code, error.Contains($"{file} holds no certificate", StringComparison.Ordinal)));
        await using SpdmProcess gone = await SpdmProcess.ServeAsync();
        await using SpdmProcess other = await SpdmProcess.ServeAsync();
        await gone.DisposeAsync();
        (code, _, error) = await SpdmProcess.RunAsync("requester", "--connect", gone.Address, "--root", other.Root);
        Assert.Equal(2, code);
        Assert.Contains("refused", error, StringComparison.OrdinalIgnoreCase);
        File.Delete(file);
    }
}
