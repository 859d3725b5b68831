using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>Wraps messages of PCI-SIG's protocols into SPDM's vendor defined messages.</summary>
public static class SpdmVendorMessage
{
    /// <summary>Wraps <paramref name="message"/>.</summary>
    /// <exception cref="ArgumentException">The message is longer than the short form holds.</exception>
    public static byte[] Wrap(SpdmMessage code, PciProtocol protocol, ReadOnlySpan<byte> message)
    {
        if (message.Length >= ushort.MaxValue) throw new ArgumentException($"A vendor defined message holds less than {ushort.MaxValue} bytes, not {message.Length}.", nameof(message));
        byte[] result = new byte[SpdmVendorDefined.ByteSize + message.Length];
        new SpdmVendorDefined
        {
            Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = code },
            StandardId = SpdmVendorConstants.StandardIdPciSig,
            VendorIdLength = SpdmVendorConstants.VendorIdLength,
            VendorId = SpdmVendorConstants.VendorIdPciSig,
            PayloadLength = (ushort)(message.Length + sizeof(PciProtocol)),
            ProtocolId = protocol,
        }.Write(result);
        message.CopyTo(result.AsSpan(SpdmVendorDefined.ByteSize));
        return result;
    }

    /// <summary>Unwraps a message of PCI-SIG.</summary>
    /// <returns>False where it is another body's, or its lengths are wrong.</returns>
    public static bool TryUnwrap(ReadOnlySpan<byte> source, out PciProtocol protocol, out ReadOnlySpan<byte> message)
    {
        protocol = default;
        message = default;
        if (!SpdmVendorDefined.TryRead(source, out SpdmVendorDefined wrapped)) return false;
        if (wrapped.StandardId != SpdmVendorConstants.StandardIdPciSig || wrapped.VendorIdLength != SpdmVendorConstants.VendorIdLength) return false;
        if (wrapped.VendorId != SpdmVendorConstants.VendorIdPciSig || wrapped.PayloadLength < sizeof(PciProtocol)) return false;
        int length = wrapped.PayloadLength - sizeof(PciProtocol);
        if (length != source.Length - SpdmVendorDefined.ByteSize) return false;
        protocol = wrapped.ProtocolId;
        message = source[SpdmVendorDefined.ByteSize..];
        return true;
    }
}
