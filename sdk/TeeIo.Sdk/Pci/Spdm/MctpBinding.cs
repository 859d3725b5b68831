using TeeIo.Pci.SpdmTransport;

namespace TeeIo.Pci.Spdm;

/// <summary>SPDM in messages of MCTP, which begin with their type, in records as well. What isn't SPDM inside a record is refused.</summary>
internal sealed class MctpBinding : SpdmBinding
{
    public override int HeaderSize => sizeof(MctpMessageType);

    public override bool HasSequence => true;

    public override int MaxRandom => SpdmTransportConstants.MctpMaxRandom;

    public override int InnerSize => sizeof(MctpMessageType);

    public override int Wrap(Span<byte> packet, int contentLength, bool isSecured)
    {
        packet[0] = (byte)(isSecured ? MctpMessageType.SecuredSpdm : MctpMessageType.Spdm);
        return HeaderSize + contentLength;
    }

    public override bool TryUnwrap(ReadOnlySpan<byte> packet, out bool isSecured, out ReadOnlySpan<byte> content)
    {
        MctpMessageType type = packet.IsEmpty ? default : (MctpMessageType)packet[0];
        isSecured = type == MctpMessageType.SecuredSpdm;
        content = packet.IsEmpty ? default : packet[HeaderSize..];
        return isSecured || type == MctpMessageType.Spdm;
    }

    internal override void WriteInner(Span<byte> destination, int messageLength) => destination[0] = (byte)MctpMessageType.Spdm;

    internal override bool TryReadInner(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> message) => TryUnwrap(content, out bool isSecured, out message) && !isSecured;
}
