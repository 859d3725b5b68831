using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli.Spdm;

/// <summary>Serves a responder on the socket of DMTF's emulator, one connection after the other, until a peer says SHUTDOWN.</summary>
/// <param name="responder">The responder.</param>
/// <param name="transport">The transport that it was made for.</param>
/// <param name="capture">Where the packets are kept as well.</param>
internal sealed class EmulatorServer(SpdmResponder responder, EmulatorTransport transport, PacketCapture? capture)
{
    private static readonly DoeObjectType[] _types = [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm];

    private readonly byte[] _answer = new byte[responder.MaxPacketSize];

    /// <summary>Listens and serves.</summary>
    /// <param name="address">Where.</param>
    /// <param name="onListening">Learns where it listens, once it does.</param>
    /// <exception cref="SocketException">The address is in use, or isn't this machine's.</exception>
    public void Run(IPEndPoint address, Action<IPEndPoint> onListening)
    {
        using TcpListener listener = new(address);
        listener.Start();
        onListening((IPEndPoint)listener.LocalEndpoint);
        bool isServing = true;
        while (isServing)
        {
            using TcpClient client = listener.AcceptTcpClient();
            client.NoDelay = true;
            try
            {
                isServing = Serve(client.GetStream());
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                Console.Error.WriteLine($"teeio: a peer went away: {e.Message}; waiting for the next");
            }
        }
    }

    /// <summary>Serves a connection.</summary>
    /// <returns>Whether to wait for another one.</returns>
    private bool Serve(Stream stream)
    {
        while (EmulatorFrame.Read(stream) is { } frame)
        {
            if (frame.Command == EmulatorCommand.Test)
            {
                (frame with { Payload = "Server Hello!\0"u8.ToArray() }).Write(stream);
                continue;
            }

            if (frame.Command == EmulatorCommand.OobEncapKeyUpdate && frame.Payload.Length == sizeof(uint))
            {
                responder.TryUpdateKeys(BinaryPrimitives.ReadUInt32LittleEndian(frame.Payload));
                (frame with { Payload = [] }).Write(stream);
                continue;
            }

            bool isPacket = frame.Command == EmulatorCommand.Normal && frame.Transport == transport;
            EmulatorFrame reply = isPacket ? frame with { Payload = Answer(frame.Payload) } : frame with { Payload = [] };
            bool isKnown = isPacket || frame.Command is EmulatorCommand.Continue or EmulatorCommand.Shutdown;
            (isKnown ? reply : reply with { Command = EmulatorCommand.Unknown }).Write(stream);
            if (!isKnown) throw new InvalidDataException($"it sent {frame.Command} for {frame.Transport}, and this side serves {transport}");
            if (!isPacket) return frame.Command == EmulatorCommand.Continue;
        }

        return true;
    }

    private byte[] Answer(byte[] packet)
    {
        if (transport == EmulatorTransport.PciDoe && DoeObject.TryRead(packet, out DoeObjectType type, out ReadOnlySpan<byte> content) && type == DoeObjectType.Discovery)
            return DoeDiscovery.Answer(content, _types);
        capture?.Add(isRequest: true, packet);
        byte[] answer = _answer[..responder.Answer(packet, _answer)];
        if (answer.Length > 0) capture?.Add(isRequest: false, answer);
        return answer;
    }
}
