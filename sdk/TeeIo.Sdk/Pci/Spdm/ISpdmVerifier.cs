namespace TeeIo.Pci.Spdm;

/// <summary>Decides whether a certificate chain's owner made a signature. What a certificate looks like is its affair.</summary>
public interface ISpdmVerifier
{
    /// <summary>Whether the leaf of <paramref name="certificateChain"/> signed <paramref name="message"/> (ECDSA on P-384 with SHA-384: r, then s).</summary>
    bool Verify(ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);
}
