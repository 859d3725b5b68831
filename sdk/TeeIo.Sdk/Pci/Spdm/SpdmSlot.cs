namespace TeeIo.Pci.Spdm;

/// <summary>A certificate slot of a responder.</summary>
/// <param name="Number">Its number, at most <see cref="SpdmConstants.MaxSlot"/>.</param>
/// <param name="Certificates">The certificates in DER, from the root to the leaf.</param>
/// <param name="Key">The leaf's key.</param>
public sealed record SpdmSlot(byte Number, IReadOnlyList<ReadOnlyMemory<byte>> Certificates, ISpdmSigner Key)
{
    /// <summary>The chain as it travels and is hashed.</summary>
    public byte[] Chain(SpdmHash hash) => SpdmChain.Create(hash, Certificates);
}
