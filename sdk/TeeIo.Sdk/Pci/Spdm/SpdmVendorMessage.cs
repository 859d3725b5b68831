using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>Wraps messages of PCI-SIG's protocols into SPDM's vendor defined messages.</summary>
public static class SpdmVendorMessage
{
    /// <summary>Bytes of the longest message that the short form holds.</summary>
    public const int MaxLength = ushort.MaxValue - sizeof(PciProtocol);

    /// <summary>Writes what stands in front of a message.</summary>
    /// <param name="destination">Receives it; <see cref="SpdmVendorDefined.ByteSize"/> bytes, the message stands or comes behind them.</param>
    /// <param name="version">The negotiated version.</param>
    /// <param name="code">Request or response.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="length">Bytes of the message.</param>
    /// <exception cref="ArgumentException">The message is longer than the short form holds.</exception>
    public static void WriteHead(Span<byte> destination, byte version, SpdmMessage code, PciProtocol protocol, int length)
    {
        if (length > MaxLength) throw new ArgumentException($"A vendor defined message holds at most {MaxLength} bytes, not {length}.", nameof(length));
        new SpdmVendorDefined
        {
            Header = new SpdmHeader { Version = version, Code = code },
            StandardId = SpdmVendorConstants.StandardIdPciSig,
            VendorIdLength = SpdmVendorConstants.VendorIdLength,
            VendorId = SpdmVendorConstants.VendorIdPciSig,
            PayloadLength = (ushort)(length + sizeof(PciProtocol)),
            ProtocolId = protocol,
        }.Write(destination);
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
