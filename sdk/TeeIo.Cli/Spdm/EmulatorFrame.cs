using System.Buffers.Binary;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli.Spdm;

/// <summary>What goes over the socket of DMTF's emulator: a command, the transport, and a packet of that transport.</summary>
/// <param name="Command">The command.</param>
/// <param name="Transport">The transport.</param>
/// <param name="Payload">The packet.</param>
internal sealed record EmulatorFrame(EmulatorCommand Command, EmulatorTransport Transport, byte[] Payload)
{
    /// <summary>More than any transport's packet has.</summary>
    private const int MaxPayload = 1 << 21;

    /// <summary>Reads a frame, in as many pieces as it comes.</summary>
    /// <returns>Null where the other side has closed the connection between frames.</returns>
    /// <exception cref="IOException">The connection broke inside a frame, or the frame is longer than one can be.</exception>
    public static EmulatorFrame? Read(Stream stream)
    {
        byte[] header = new byte[SpdmTransportConstants.EmulatorFrameSize];
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read == 0) return null;
        if (read < header.Length) throw new EndOfStreamException("the connection ended inside a frame");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(2 * sizeof(uint)));
        if (length > MaxPayload) throw new InvalidDataException($"a frame says that it has {length} bytes, more than any packet; the other side doesn't speak the emulator's protocol");
        byte[] payload = new byte[length];
        stream.ReadExactly(payload);
        return new EmulatorFrame((EmulatorCommand)BinaryPrimitives.ReadUInt32BigEndian(header), (EmulatorTransport)BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(sizeof(uint))), payload);
    }

    /// <summary>Writes the frame in one piece: the other side may be slow to acknowledge small ones.</summary>
    public void Write(Stream stream)
    {
        byte[] frame = new byte[SpdmTransportConstants.EmulatorFrameSize + Payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)Command);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(sizeof(uint)), (uint)Transport);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(2 * sizeof(uint)), (uint)Payload.Length);
        Payload.CopyTo(frame, SpdmTransportConstants.EmulatorFrameSize);
        stream.Write(frame);
    }
}
