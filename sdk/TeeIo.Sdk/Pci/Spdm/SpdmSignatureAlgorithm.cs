using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A signature algorithm, and the form that SPDM gives its signatures.</summary>
public sealed class SpdmSignatureAlgorithm
{
    private const int BitsPerByte = 8;
    private readonly ECCurve? _curve;
    private readonly RSASignaturePadding? _padding;

    private SpdmSignatureAlgorithm(BaseAsym algorithm, int keyBits, ECCurve curve) => (Algorithm, KeyBits, _curve) = (algorithm, keyBits, curve);

    private SpdmSignatureAlgorithm(BaseAsym algorithm, int keyBits, RSASignaturePadding padding) => (Algorithm, KeyBits, _padding) = (algorithm, keyBits, padding);

    /// <summary>All that there are here, in the order in which they are preferred.</summary>
    public static IReadOnlyList<SpdmSignatureAlgorithm> All { get; } =
    [
        new(BaseAsym.EcdsaP384, 384, ECCurve.NamedCurves.nistP384),
        new(BaseAsym.EcdsaP521, 521, ECCurve.NamedCurves.nistP521),
        new(BaseAsym.EcdsaP256, 256, ECCurve.NamedCurves.nistP256),
        new(BaseAsym.Rsapss4096, 4096, RSASignaturePadding.Pss),
        new(BaseAsym.Rsapss3072, 3072, RSASignaturePadding.Pss),
        new(BaseAsym.Rsapss2048, 2048, RSASignaturePadding.Pss),
        new(BaseAsym.Rsassa4096, 4096, RSASignaturePadding.Pkcs1),
        new(BaseAsym.Rsassa3072, 3072, RSASignaturePadding.Pkcs1),
        new(BaseAsym.Rsassa2048, 2048, RSASignaturePadding.Pkcs1),
    ];

    /// <summary>ECDSA on P-384.</summary>
    public static SpdmSignatureAlgorithm EcdsaP384 => All[0];

    /// <summary>Its bit.</summary>
    public BaseAsym Algorithm { get; }

    /// <summary>Bits of a key.</summary>
    public int KeyBits { get; }

    /// <summary>Bytes of a signature: of RSA as many as the modulus has, of ECDSA r and then s with as many as the curve's field has.</summary>
    public int SignatureSize => (_curve is null ? 1 : 2) * ((KeyBits + BitsPerByte - 1) / BitsPerByte);

    /// <summary>The algorithm of a bit; null where there is none.</summary>
    public static SpdmSignatureAlgorithm? Find(BaseAsym algorithm) => All.FirstOrDefault(known => known.Algorithm == algorithm);

    /// <summary>A new key, from the machine's own source of randomness.</summary>
    public AsymmetricAlgorithm CreateKey() => _curve is { } curve ? ECDsa.Create(curve) : RSA.Create(KeyBits);

    /// <summary>Whether <paramref name="key"/> is one of this algorithm's.</summary>
    public bool Fits(AsymmetricAlgorithm key) => key is ECDsa or RSA && key.KeySize == KeyBits && key is ECDsa == _curve is not null
        && (key is not ECDsa ec || ec.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == _curve!.Value.Oid.Value);

    /// <summary>Signs a digest.</summary>
    public byte[] Sign(AsymmetricAlgorithm key, ReadOnlySpan<byte> digest, SpdmHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return key switch
        {
            ECDsa ec => ec.SignHash(digest),
            RSA rsa => rsa.SignHash(digest, hash.Name, _padding!),
            _ => throw new ArgumentException($"{Algorithm} signs with an RSA or ECDSA key, not {key}.", nameof(key)),
        };
    }

    /// <summary>Whether <paramref name="signature"/> is one of <paramref name="digest"/>.</summary>
    public bool Verify(AsymmetricAlgorithm key, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, SpdmHash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        try
        {
            return key switch
            {
                ECDsa ec => ec.VerifyHash(digest, signature),
                RSA rsa => rsa.VerifyHash(digest, signature, hash.Name, _padding!),
                _ => false,
            };
        }
        catch (CryptographicException)
        {
            // What isn't even a point or a number of the right size.
            return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Algorithm.ToString();
}
