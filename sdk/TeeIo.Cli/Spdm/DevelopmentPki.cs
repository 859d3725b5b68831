using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;

namespace TeeIo.Cli.Spdm;

/// <summary>Certificates for development, made on the spot: a root, an authority below it, and a device's. Nobody trusts them who isn't told to.</summary>
internal static class DevelopmentPki
{
    private static readonly TimeSpan _validity = TimeSpan.FromDays(365);

    /// <summary>Makes a chain.</summary>
    /// <param name="algorithm">Algorithm of all its keys.</param>
    /// <param name="clock">Tells when it becomes valid.</param>
    /// <returns>The device's slot, whose first certificate is the root.</returns>
    public static SpdmSlot Create(SpdmSignatureAlgorithm algorithm, TimeProvider clock)
    {
        DateTimeOffset from = clock.GetUtcNow() - TimeSpan.FromHours(1);
        AsymmetricAlgorithm rootKey = algorithm.CreateKey();
        AsymmetricAlgorithm authorityKey = algorithm.CreateKey();
        AsymmetricAlgorithm deviceKey = algorithm.CreateKey();
        using X509Certificate2 root = Request("CN=TeeIo development root", rootKey, isAuthority: true).CreateSelfSigned(from, from + _validity);
        using X509Certificate2 authority = Issue(Request("CN=TeeIo development authority", authorityKey, isAuthority: true), root, rootKey, from);
        using X509Certificate2 device = Issue(Request("CN=TeeIo development device", deviceKey, isAuthority: false), authority, authorityKey, from);
        rootKey.Dispose();
        authorityKey.Dispose();
        return new SpdmSlot(0, [root.RawDataMemory, authority.RawDataMemory, device.RawDataMemory], new SpdmPrivateKey(algorithm, deviceKey));
    }

    private static CertificateRequest Request(string name, AsymmetricAlgorithm key, bool isAuthority)
    {
        CertificateRequest request = key is ECDsa ec ? new(name, ec, HashAlgorithmName.SHA384) : new(name, (RSA)key, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1);
        X509KeyUsageFlags usage = isAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (!isAuthority) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(SpdmOids.ResponderAuthentication)], critical: false));
        return request;
    }

    private static X509Certificate2 Issue(CertificateRequest request, X509Certificate2 issuer, AsymmetricAlgorithm issuerKey, DateTimeOffset from)
    {
        X509SignatureGenerator signer = issuerKey is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec) : X509SignatureGenerator.CreateForRSA((RSA)issuerKey, RSASignaturePadding.Pkcs1);
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)(serial[0] & 0x7F | 1);
        return request.Create(issuer.SubjectName, signer, from, from + _validity, serial);
    }
}
