using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A private key that is kept in memory.</summary>
public sealed class SpdmPrivateKey : ISpdmSigner, IDisposable
{
    private readonly AsymmetricAlgorithm _key;

    /// <summary>A key, which is disposed of with this.</summary>
    /// <exception cref="ArgumentException">The key isn't one of the algorithm's.</exception>
    public SpdmPrivateKey(SpdmSignatureAlgorithm algorithm, AsymmetricAlgorithm key)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        if (!algorithm.Fits(key)) throw new ArgumentException($"This isn't a key of {algorithm}; give one of {algorithm.KeyBits} bits.", nameof(key));
        (Algorithm, _key) = (algorithm, key);
    }

    /// <inheritdoc/>
    public SpdmSignatureAlgorithm Algorithm { get; }

    /// <inheritdoc/>
    public byte[] Sign(in SpdmStatement statement) => Algorithm.Sign(_key, statement.Digest(), statement.Hash);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
