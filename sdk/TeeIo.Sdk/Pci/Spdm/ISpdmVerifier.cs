namespace TeeIo.Pci.Spdm;

/// <summary>Decides whom a certificate chain stands for, and whether that is to be trusted. What a certificate looks like is its affair.</summary>
public interface ISpdmVerifier
{
    /// <summary>Judges a peer's chain.</summary>
    /// <param name="chain">The chain as it came, with its header.</param>
    /// <param name="hash">The negotiated hash algorithm.</param>
    /// <param name="algorithm">The negotiated signature algorithm.</param>
    /// <param name="refusal">Why it isn't trusted.</param>
    /// <returns>The leaf's key; null where the chain isn't trusted.</returns>
    SpdmPublicKey? Trust(ReadOnlyMemory<byte> chain, SpdmHash hash, SpdmSignatureAlgorithm algorithm, out string refusal);
}
