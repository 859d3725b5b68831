using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A group in which both ends agree on a secret that nobody else learns.</summary>
public sealed class SpdmGroup
{
    private const int BitsPerByte = 8;
    private readonly ECCurve _curve;
    private readonly byte[] _order;

    private SpdmGroup(DheGroup algorithm, ECCurve curve)
    {
        (Algorithm, _curve) = (algorithm, curve);
        using var sample = ECDiffieHellman.Create(curve);
        _order = sample.ExportExplicitParameters(includePrivateParameters: false).Curve.Order!;
        SecretSize = (sample.KeySize + BitsPerByte - 1) / BitsPerByte;
    }

    /// <summary>All that there are here, in the order in which they are preferred.</summary>
    public static IReadOnlyList<SpdmGroup> All { get; } =
    [
        new(DheGroup.Secp384R1, ECCurve.NamedCurves.nistP384), new(DheGroup.Secp521R1, ECCurve.NamedCurves.nistP521), new(DheGroup.Secp256R1, ECCurve.NamedCurves.nistP256),
    ];

    /// <summary>Its bit.</summary>
    public DheGroup Algorithm { get; }

    /// <summary>Bytes of a public value: X, then Y.</summary>
    public int ValueSize => 2 * SecretSize;

    /// <summary>Bytes of a shared secret: X with its leading zeros.</summary>
    public int SecretSize { get; }

    /// <summary>The group of a bit; null where there is none.</summary>
    public static SpdmGroup? Find(DheGroup algorithm) => All.FirstOrDefault(known => known.Algorithm == algorithm);

    /// <summary>A fresh key.</summary>
    /// <param name="random">Where it comes from. Whether that is good enough for a secret is its owner's affair.</param>
    /// <param name="publicValue">What the other end gets.</param>
    public ECDiffieHellman CreateKey(Random random, out byte[] publicValue)
    {
        ArgumentNullException.ThrowIfNull(random);
        byte[] scalar = new byte[SecretSize];
        do
        {
            random.NextBytes(scalar);
            scalar[0] &= (byte)(byte.MaxValue >> ((SecretSize * BitsPerByte) - BitLength(_order)));
        }
        while (scalar.AsSpan().SequenceCompareTo(_order) >= 0 || scalar.AsSpan().IndexOfAnyExcept((byte)0) < 0);

        try
        {
            var key = ECDiffieHellman.Create(new ECParameters { Curve = _curve, D = scalar });
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            publicValue = [.. point.X!, .. point.Y!];
            return key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The secret that <paramref name="key"/> and the other end's value make.</summary>
    /// <returns>Null where the value isn't a point of the curve.</returns>
    public byte[]? Agree(ECDiffieHellman key, ReadOnlySpan<byte> peerValue)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (peerValue.Length != ValueSize) return null;
        ECPoint point = new() { X = peerValue[..SecretSize].ToArray(), Y = peerValue[SecretSize..].ToArray() };
        try
        {
            using var peer = ECDiffieHellman.Create(new ECParameters { Curve = _curve, Q = point });
            using ECDiffieHellmanPublicKey peerKey = peer.PublicKey;
            return key.DeriveRawSecretAgreement(peerKey);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Algorithm.ToString();

    private static int BitLength(ReadOnlySpan<byte> number)
    {
        int first = number.IndexOfAnyExcept((byte)0);
        return ((number.Length - first) * BitsPerByte) - (byte.LeadingZeroCount(number[first]));
    }
}
