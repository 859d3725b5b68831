using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Pci.Spdm;

/// <summary>The protocols of PCI-SIG that a responder serves inside its sessions.</summary>
public interface ISpdmProtocols
{
    /// <summary>Answers a message of <paramref name="protocol"/>.</summary>
    /// <param name="sessionId">The session that it came in.</param>
    /// <param name="protocol">The protocol.</param>
    /// <param name="message">The message.</param>
    /// <param name="response">Receives the answer.</param>
    /// <returns>Bytes of <paramref name="response"/>; 0 where nobody serves the message.</returns>
    int Answer(uint sessionId, PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response);

    /// <summary>A session has ended.</summary>
    void SessionEnded(uint sessionId);
}
