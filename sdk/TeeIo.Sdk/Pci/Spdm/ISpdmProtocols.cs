using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The protocols of PCI-SIG that a responder serves inside its session.</summary>
public interface ISpdmProtocols
{
    /// <summary>Answers a message of <paramref name="protocol"/>.</summary>
    /// <returns>Bytes of <paramref name="response"/>; 0 where nobody serves the message.</returns>
    int Answer(PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response);

    /// <summary>The session has ended.</summary>
    void SessionEnded();
}
