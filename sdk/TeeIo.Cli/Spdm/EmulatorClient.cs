using System.Net;
using System.Net.Sockets;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli.Spdm;

/// <summary>The requester's end of the socket of DMTF's emulator: a mailbox behind a socket.</summary>
internal sealed class EmulatorClient : IDoeMailbox, IDisposable
{
    private readonly EmulatorTransport _transport;
    private readonly PacketCapture? _capture;
    private readonly TcpClient _client = new() { NoDelay = true };

    /// <summary>Connects, and greets.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">Who listens there doesn't speak the emulator's protocol, or serves another transport.</exception>
    public EmulatorClient(IPEndPoint address, EmulatorTransport transport, PacketCapture? capture)
    {
        (_transport, _capture) = (transport, capture);
        _client.Connect(address);
        Exchange(EmulatorCommand.Test, "Client Hello!\0"u8.ToArray());
    }

    /// <summary>Asks the mailbox which objects it serves.</summary>
    /// <exception cref="IOException">It doesn't serve SPDM.</exception>
    public void Discover()
    {
        List<DoeObjectType> types = [];
        bool isFound = DoeDiscovery.Find(this, types).IsOk && types.Contains(DoeObjectType.Spdm) && types.Contains(DoeObjectType.SecuredSpdm);
        if (!isFound) throw new InvalidDataException($"the mailbox doesn't serve SPDM, only: {string.Join(", ", types)}");
    }

    /// <summary>Carries a packet there and the answer back.</summary>
    public byte[] Carry(byte[] packet)
    {
        _capture?.Add(isRequest: true, packet);
        byte[] answer = Exchange(EmulatorCommand.Normal, packet);
        if (answer.Length > 0) _capture?.Add(isRequest: false, answer);
        return answer;
    }

    /// <summary>Ends the connection, and the server too if asked.</summary>
    public void Close(bool isShutdown) => Exchange(isShutdown ? EmulatorCommand.Shutdown : EmulatorCommand.Continue, []);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    SysResult IDoeMailbox.Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        byte[] answer = Exchange(EmulatorCommand.Normal, request.ToArray());
        if (answer.Length > response.Length) return Errno.EMSGSIZE;
        answer.CopyTo(response);
        return SysResult.Of(answer.Length);
    }

    private byte[] Exchange(EmulatorCommand command, byte[] payload)
    {
        Stream stream = _client.GetStream();
        new EmulatorFrame(command, _transport, payload).Write(stream);
        EmulatorFrame answer = EmulatorFrame.Read(stream) ?? throw new EndOfStreamException($"the responder closed the connection instead of answering {command}");
        if (answer.Command != command || answer.Transport != _transport) throw new InvalidDataException($"{command} for {_transport} was answered with {answer.Command} for {answer.Transport}");
        return answer.Payload;
    }
}
