using System.Security.Cryptography;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>Checks signatures of model devices: that the chain hangs together, and that its leaf made the signature.</summary>
public sealed class ModelVerifier : ISpdmVerifier
{
    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (!SpdmCertificateChain.TryRead(certificateChain, out SpdmCertificateChain header) || header.Length != certificateChain.Length) return false;
        ReadOnlySpan<byte> rest = certificateChain[SpdmCertificateChain.ByteSize..];
        ReadOnlySpan<byte> issuer = default;
        ModelCertificate certificate = default;
        for (uint serial = 0; !rest.IsEmpty; serial++)
        {
            if (!ModelCertificate.TryRead(rest, out certificate) || certificate.Magic != ModelDeviceConstants.CertificateMagic || certificate.Serial != serial) return false;
            ReadOnlySpan<byte> current = rest[..ModelCertificate.ByteSize];
            ReadOnlySpan<byte> expected = serial == 0 ? header.RootHash : certificate.IssuerDigest;
            if (!expected.SequenceEqual(SHA384.HashData(serial == 0 ? current : issuer))) return false;
            issuer = current;
            rest = rest[ModelCertificate.ByteSize..];
        }

        if (issuer.IsEmpty) return false;
        ReadOnlySpan<byte> key = certificate.PublicKey;
        ECPoint point = new() { X = key[..(key.Length / 2)].ToArray(), Y = key[(key.Length / 2)..].ToArray() };
        try
        {
            using var publicKey = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, Q = point });
            return publicKey.VerifyData(message, signature, HashAlgorithmName.SHA384);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
