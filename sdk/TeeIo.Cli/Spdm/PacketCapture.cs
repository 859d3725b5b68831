using System.Buffers.Binary;
using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Cli.Spdm;

/// <summary>Writes packets in the format of pcap. Each is on disk once it is added, so that an aborted run leaves what it has seen.</summary>
internal sealed class PacketCapture : IDisposable
{
    private const uint Magic = 0xA1B2C3D4;
    private const ushort Major = 2;
    private const ushort Minor = 4;
    private const uint SnapLength = 1 << 20;

    private readonly Stream _stream;
    private readonly EmulatorTransport _transport;
    private readonly TimeProvider _clock;

    /// <summary>Begins a file.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public PacketCapture(string path, EmulatorTransport transport, TimeProvider clock)
    {
        (_stream, _transport, _clock) = (File.Create(path), transport, clock);
        Span<byte> header = stackalloc byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Major);
        BinaryPrimitives.WriteUInt16LittleEndian(header[6..], Minor);
        header[8..16].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], SnapLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], (uint)LinkType(transport));
        _stream.Write(header);
    }

    /// <summary>Adds a packet.</summary>
    public void Add(bool isRequest, ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> link = _transport == EmulatorTransport.Mctp ? MctpHeader(isRequest) : [];
        DateTimeOffset now = _clock.GetUtcNow();
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)now.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], (int)(now.Ticks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond));
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], link.Length + packet.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], link.Length + packet.Length);
        _stream.Write(header);
        _stream.Write(link);
        _stream.Write(packet);
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static PcapLinkType LinkType(EmulatorTransport transport) => transport switch
    {
        EmulatorTransport.Mctp => PcapLinkType.Mctp,
        EmulatorTransport.PciDoe => PcapLinkType.PciDoe,
        _ => PcapLinkType.User0,
    };

    /// <summary>The packet header that a socket doesn't carry: version 1, two endpoints, one packet that is first and last; the tag's owner asks.</summary>
    private static ReadOnlySpan<byte> MctpHeader(bool isRequest)
    {
        const byte First = 1 << 7;
        const byte Last = 1 << 6;
        const byte TagOwner = 1 << 3;
        return isRequest ? [1, 2, 1, First | Last | TagOwner] : [1, 1, 2, First | Last];
    }
}
