using TeeIo.Pci.Doe;

namespace TeeIo.Pci.Spdm;

/// <summary>SPDM in data objects of a DOE mailbox.</summary>
internal sealed class PciDoeBinding : SpdmBinding
{
    public override int HeaderSize => DoeHeader.ByteSize;

    public override int PacketSize(int contentLength) => DoeObject.Size(contentLength);

    public override int Wrap(Span<byte> packet, int contentLength, bool isSecured) =>
        DoeObject.Frame(packet, isSecured ? DoeObjectType.SecuredSpdm : DoeObjectType.Spdm, contentLength);

    public override bool TryUnwrap(ReadOnlySpan<byte> packet, out bool isSecured, out ReadOnlySpan<byte> content)
    {
        bool isObject = DoeObject.TryRead(packet, out DoeObjectType type, out content);
        isSecured = type == DoeObjectType.SecuredSpdm;
        return isObject && (isSecured || type == DoeObjectType.Spdm);
    }
}
