using System.Security.Cryptography;

namespace TeeIo.Pci.Spdm;

/// <summary>A hash algorithm as SPDM uses it: for digests, for proofs (HMAC) and for keys (HKDF).</summary>
public sealed class SpdmHash
{
    private readonly HashAlgorithmName _name;

    private SpdmHash(BaseHash algorithm, MeasurementHash measurement, HashAlgorithmName name, int size) => (Algorithm, Measurement, _name, Size) = (algorithm, measurement, name, size);

    /// <summary>All that this machine's cryptography has, in the order in which they are preferred.</summary>
    public static IReadOnlyList<SpdmHash> All { get; } =
    [
        new(BaseHash.Sha384, MeasurementHash.Sha384, HashAlgorithmName.SHA384, SHA384.HashSizeInBytes),
        new(BaseHash.Sha512, MeasurementHash.Sha512, HashAlgorithmName.SHA512, SHA512.HashSizeInBytes),
        new(BaseHash.Sha256, MeasurementHash.Sha256, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
        .. SHA3_384.IsSupported ? Sha3() : [],
    ];

    /// <summary>SHA-384.</summary>
    public static SpdmHash Sha384 => All[0];

    /// <summary>Its bit among the base hash algorithms.</summary>
    public BaseHash Algorithm { get; }

    /// <summary>Its bit among the hash algorithms of measurements.</summary>
    public MeasurementHash Measurement { get; }

    /// <summary>Bytes of a digest.</summary>
    public int Size { get; }

    internal HashAlgorithmName Name => _name;

    /// <summary>The algorithm of a bit; null where there is none.</summary>
    public static SpdmHash? Find(BaseHash algorithm) => All.FirstOrDefault(hash => hash.Algorithm == algorithm);

    /// <summary>The algorithm of a measurement's bit; null where there is none.</summary>
    public static SpdmHash? Find(MeasurementHash algorithm) => All.FirstOrDefault(hash => hash.Measurement == algorithm);

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public byte[] Digest(ReadOnlySpan<byte> data) => CryptographicOperations.HashData(_name, data);

    /// <summary>The authentication code of <paramref name="data"/>.</summary>
    public byte[] Authenticate(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(_name, key, data);

    /// <inheritdoc/>
    public override string ToString() => _name.Name!;

    internal byte[] Extract(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt)
    {
        byte[] result = new byte[Size];
        HKDF.Extract(_name, secret, salt, result);
        return result;
    }

    internal byte[] Expand(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> info, int length)
    {
        byte[] result = new byte[length];
        HKDF.Expand(_name, secret, result, info);
        return result;
    }

    private static SpdmHash[] Sha3() =>
    [
        new(BaseHash.Sha3384, MeasurementHash.Sha3384, HashAlgorithmName.SHA3_384, SHA3_384.HashSizeInBytes),
        new(BaseHash.Sha3512, MeasurementHash.Sha3512, HashAlgorithmName.SHA3_512, SHA3_512.HashSizeInBytes),
        new(BaseHash.Sha3256, MeasurementHash.Sha3256, HashAlgorithmName.SHA3_256, SHA3_256.HashSizeInBytes),
    ];
}
