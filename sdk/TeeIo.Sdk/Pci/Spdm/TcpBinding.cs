using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Pci.Spdm;

/// <summary>SPDM over TCP: a header with length and type, in records in front of the message inside as well.</summary>
internal sealed class TcpBinding : SpdmBinding
{
    public override int HeaderSize => SpdmTcpHeader.ByteSize;

    public override int InnerSize => SpdmTcpHeader.ByteSize;

    public override int Wrap(Span<byte> packet, int contentLength, bool isSecured)
    {
        new SpdmTcpHeader
        {
            PayloadLength = (ushort)(contentLength + HeaderSize - sizeof(ushort)),
            BindingVersion = SpdmTransportConstants.TcpBindingVersion,
            MessageType = isSecured ? TcpMessageType.InSession : TcpMessageType.OutOfSession,
        }.Write(packet);
        return HeaderSize + contentLength;
    }

    public override bool TryUnwrap(ReadOnlySpan<byte> packet, out bool isSecured, out ReadOnlySpan<byte> content)
    {
        isSecured = false;
        content = default;
        if (!SpdmTcpHeader.TryRead(packet, out SpdmTcpHeader header) || header.BindingVersion != SpdmTransportConstants.TcpBindingVersion) return false;
        if (header.PayloadLength != packet.Length - sizeof(ushort)) return false;
        isSecured = header.MessageType == TcpMessageType.InSession;
        content = packet[HeaderSize..];
        return isSecured || header.MessageType == TcpMessageType.OutOfSession;
    }

    internal override void WriteInner(Span<byte> destination, int messageLength) => Wrap(destination, messageLength, isSecured: false);

    internal override bool TryReadInner(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> message) => TryUnwrap(content, out bool isSecured, out message) && !isSecured;
}
