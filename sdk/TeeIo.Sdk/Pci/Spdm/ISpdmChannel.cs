using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>A session as those see it who talk a PCI-SIG protocol in it.</summary>
public interface ISpdmChannel
{
    /// <summary>Wraps a message of <paramref name="protocol"/> into the session's next record, as a DOE object.</summary>
    byte[] Seal(PciProtocol protocol, ReadOnlySpan<byte> message);

    /// <summary>Takes the answer out of <paramref name="exchange"/>, or fails it.</summary>
    bool TryOpen(PciProtocol protocol, DeviceExchange exchange, out byte[] message);
}
