using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.Sec;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Math.EC.Multiplier;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>A key on P-384 whose signatures follow from what is signed (RFC 6979), so that the same seed gives the same traffic. .NET's own signatures differ each time.</summary>
internal sealed class ModelKey : ISpdmSigner
{
    private static readonly ECDomainParameters _curve = new(CustomNamedCurves.GetByOid(SecObjectIdentifiers.SecP384r1));
    private readonly ECPrivateKeyParameters _key;

    /// <summary>A key that comes from <paramref name="random"/>.</summary>
    public ModelKey(Random random)
    {
        byte[] bytes = new byte[CoordinateSize];
        BigInteger scalar;
        do
        {
            random.NextBytes(bytes);
            scalar = new BigInteger(sign: 1, bytes);
        }
        while (scalar.SignValue == 0 || scalar.CompareTo(_curve.N) >= 0);

        _key = new ECPrivateKeyParameters(scalar, _curve);
        byte[] point = new FixedPointCombMultiplier().Multiply(_curve.G, scalar).GetEncoded(compressed: false);
        ECPoint value = new() { X = point[1..(1 + CoordinateSize)], Y = point[(1 + CoordinateSize)..] };
        using var known = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, Q = value });
        PublicKey = new PublicKey(known);
    }

    /// <inheritdoc/>
    public SpdmSignatureAlgorithm Algorithm => SpdmSignatureAlgorithm.EcdsaP384;

    /// <summary>The public key.</summary>
    public PublicKey PublicKey { get; }

    private static int CoordinateSize => SpdmSignatureAlgorithm.EcdsaP384.SignatureSize / 2;

    /// <inheritdoc/>
    public byte[] Sign(in SpdmStatement statement) => Sign(statement.Digest());

    /// <summary>Signs a digest: r, then s, each with the bytes of a coordinate.</summary>
    public byte[] Sign(byte[] digest)
    {
        ECDsaSigner signer = new(new HMacDsaKCalculator(new Sha384Digest()));
        signer.Init(forSigning: true, _key);
        BigInteger[] signature = signer.GenerateSignature(digest);
        byte[] encoded = new byte[2 * CoordinateSize];
        for (int i = 0; i < signature.Length; i++)
        {
            byte[] part = signature[i].ToByteArrayUnsigned();
            part.CopyTo(encoded, ((i + 1) * CoordinateSize) - part.Length);
        }

        return encoded;
    }
}
