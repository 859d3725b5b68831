using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>The public key of a peer that is trusted.</summary>
/// <param name="algorithm">Its algorithm.</param>
/// <param name="key">The key, which is disposed of with this.</param>
public sealed class SpdmPublicKey(SpdmSignatureAlgorithm algorithm, AsymmetricAlgorithm key) : IDisposable
{
    /// <summary>Its algorithm.</summary>
    public SpdmSignatureAlgorithm Algorithm { get; } = algorithm;

    /// <summary>Whether its owner made a statement.</summary>
    public bool Verify(in SpdmStatement statement, ReadOnlySpan<byte> signature) =>
        signature.Length == Algorithm.SignatureSize && Algorithm.Verify(key, statement.Digest(), signature, statement.Hash);

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}
