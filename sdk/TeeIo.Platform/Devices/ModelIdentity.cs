using System.Security.Cryptography;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>Who a model device is: a chain of model certificates with real keys, made from a seed, and measurements of nothing. The signatures are real; that a certificate is its
/// issuer's is claimed, not proven, until X.509 takes its place.</summary>
public sealed class ModelIdentity : ISpdmIdentity, IDisposable
{
    private const int CoordinateSize = SpdmConstants.ExchangeSize / 2;
    private static readonly MeasurementType[] _measured = [MeasurementType.ImmutableRom, MeasurementType.MutableFirmware, MeasurementType.HardwareConfiguration, MeasurementType.FirmwareConfiguration];
    private readonly ECDsa _key;

    /// <summary>An identity; the same one for the same seed.</summary>
    public ModelIdentity(int seed)
    {
        var random = new Random(seed);
        byte[] chain = new byte[SpdmCertificateChain.ByteSize + (ModelDeviceConstants.Certificates * ModelCertificate.ByteSize)];
        byte[] issuer = [];
        ECDsa? key = null;
        for (int i = 0; i < ModelDeviceConstants.Certificates; i++)
        {
            key?.Dispose();
            key = CreateKey(random);
            ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
            ModelCertificate certificate = new() { Magic = ModelDeviceConstants.CertificateMagic, Serial = (uint)i };
            if (issuer.Length > 0) SHA384.HashData(issuer).CopyTo(certificate.IssuerDigest);
            point.X!.CopyTo(certificate.PublicKey);
            point.Y!.CopyTo(((Span<byte>)certificate.PublicKey)[CoordinateSize..]);
            issuer = new byte[ModelCertificate.ByteSize];
            certificate.Write(issuer);
            issuer.CopyTo(chain, SpdmCertificateChain.ByteSize + (i * ModelCertificate.ByteSize));
        }

        SpdmCertificateChain header = new() { Length = (uint)chain.Length };
        SHA384.HashData(chain.AsSpan(SpdmCertificateChain.ByteSize, ModelCertificate.ByteSize)).CopyTo(header.RootHash);
        header.Write(chain);
        (_key, CertificateChain, Measurements) = (key!, chain, Measure(random));
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> CertificateChain { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Measurements { get; }

    /// <inheritdoc/>
    public int MeasurementCount => _measured.Length;

    /// <inheritdoc/>
    public byte[] Sign(ReadOnlySpan<byte> message) => _key.SignData(message, HashAlgorithmName.SHA384);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static ECDsa CreateKey(Random random)
    {
        byte[] scalar = new byte[CoordinateSize];
        random.NextBytes(scalar);

        // Below the group's order and not 0.
        (scalar[0], scalar[^1]) = (0, (byte)(scalar[^1] | 1));
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, D = scalar });
    }

    private static byte[] Measure(Random random)
    {
        byte[] record = new byte[_measured.Length * (SpdmMeasurementBlock.ByteSize + SpdmConstants.HashSize)];
        Span<byte> rest = record;
        for (int i = 0; i < _measured.Length; i++)
        {
            new SpdmMeasurementBlock
            {
                Index = (byte)(i + 1),
                Specification = SpdmConstants.MeasurementSpecificationDmtf,
                Size = SpdmMeasurementBlock.ByteSize - sizeof(uint) + SpdmConstants.HashSize,
                ValueType = _measured[i],
                ValueSize = SpdmConstants.HashSize,
            }.Write(rest);
            random.NextBytes(rest.Slice(SpdmMeasurementBlock.ByteSize, SpdmConstants.HashSize));
            rest = rest[(SpdmMeasurementBlock.ByteSize + SpdmConstants.HashSize)..];
        }

        return record;
    }
}
