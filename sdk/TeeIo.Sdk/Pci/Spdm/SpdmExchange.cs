using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>One end of a Diffie-Hellman exchange on P-384.</summary>
public sealed class SpdmExchange : IDisposable
{
    private readonly ECDiffieHellman _key;

    /// <summary>An end with a fresh key.</summary>
    /// <param name="random">Where the key comes from. Whether it is good enough for a secret is its owner's affair.</param>
    public SpdmExchange(Random random)
    {
        byte[] scalar = new byte[SpdmConstants.SharedSecretSize];
        random.NextBytes(scalar);

        // Below the group's order and not 0.
        (scalar[0], scalar[^1]) = (0, (byte)(scalar[^1] | 1));
        _key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, D = scalar });
        ECPoint point = _key.ExportParameters(includePrivateParameters: false).Q;
        PublicValue = [.. point.X!, .. point.Y!];
    }

    /// <summary>What the other end gets: X, then Y.</summary>
    public byte[] PublicValue { get; }

    /// <summary>The shared secret.</summary>
    /// <returns>False where <paramref name="peerValue"/> isn't a point of the curve.</returns>
    public bool TryAgree(ReadOnlySpan<byte> peerValue, out byte[] secret)
    {
        secret = [];
        if (peerValue.Length != SpdmConstants.ExchangeSize) return false;
        ECPoint point = new() { X = peerValue[..SpdmConstants.SharedSecretSize].ToArray(), Y = peerValue[SpdmConstants.SharedSecretSize..].ToArray() };
        try
        {
            using ECDiffieHellman peer = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, Q = point });
            using ECDiffieHellmanPublicKey key = peer.PublicKey;
            secret = _key.DeriveRawSecretAgreement(key);
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
