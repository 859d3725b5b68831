using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;

namespace TeeIo.Platform.Devices;

/// <summary>Who certifies model devices: one root for all of them, and an authority below it. Their keys are no secret, so their certificates are worth nothing outside of a model.</summary>
public static class ModelAuthority
{
    private const int Seed = 1;
    private const int SerialSize = 16;
    private const string Vendor = "TeeIo";
    private const string Product = "model device";

    // From the epoch, where a machine in software begins, to the date that stands for no end (RFC 5280, 4.1.2.5).
    private static readonly DateTimeOffset _notBefore = DateTimeOffset.UnixEpoch;
    private static readonly DateTimeOffset _notAfter = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
    private static readonly Lazy<(X509Certificate2 Root, X509Certificate2 Issuer, ModelKey Key)> _authority = new(Create);

    /// <summary>The root that model devices come from. It belongs to all, so nobody disposes of it.</summary>
    public static X509Certificate2 Root => _authority.Value.Root;

    /// <summary>A verifier that trusts model devices, and nobody else.</summary>
    /// <param name="clock">Tells what time certificates have to be valid at.</param>
    public static ISpdmVerifier CreateVerifier(TimeProvider clock) => new SpdmX509Verifier([Root], clock);

    /// <summary>A device by DMTF's alternative name: manufacturer, product and serial number.</summary>
    internal static string DeviceName(string number) => $"{Vendor}:{Product}:{number}";

    /// <summary>Certifies a device.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="random">Where its serial number comes from.</param>
    /// <returns>The certificates in DER, from the root to the device's.</returns>
    internal static ReadOnlyMemory<byte>[] Certify(ModelKey key, Random random)
    {
        (X509Certificate2 root, X509Certificate2 issuer, ModelKey issuerKey) = _authority.Value;
        byte[] serial = CreateSerial(random);
        string number = Convert.ToHexString(serial);
        CertificateRequest request = Request($"CN={Vendor} {Product}, SERIALNUMBER={number}", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(SpdmOids.ResponderAuthentication)], critical: false));
        request.CertificateExtensions.Add(AlternativeName(DeviceName(number)));
        request.CertificateExtensions.Add(IssuerOf(issuer));
        using X509Certificate2 leaf = request.Create(issuer.SubjectName, new ModelSignatureGenerator(issuerKey), _notBefore, _notAfter, serial);
        return [root.RawDataMemory, issuer.RawDataMemory, leaf.RawDataMemory];
    }

    private static (X509Certificate2, X509Certificate2, ModelKey) Create()
    {
        var random = new Random(Seed);
        ModelKey rootKey = new(random);
        ModelKey key = new(random);
        ModelSignatureGenerator generator = new(rootKey);
        CertificateRequest ofRoot = AuthorityRequest($"CN={Vendor} model root", rootKey);
        X509Certificate2 root = ofRoot.Create(ofRoot.SubjectName, generator, _notBefore, _notAfter, CreateSerial(random));
        CertificateRequest ofIssuer = AuthorityRequest($"CN={Vendor} model devices", key);
        ofIssuer.CertificateExtensions.Add(IssuerOf(root));
        return (root, ofIssuer.Create(root.SubjectName, generator, _notBefore, _notAfter, CreateSerial(random)), key);
    }

    private static CertificateRequest AuthorityRequest(string name, ModelKey key)
    {
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request;
    }

    private static CertificateRequest Request(string name, ModelKey key)
    {
        CertificateRequest request = new(new X500DistinguishedName(name), key.PublicKey, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key.PublicKey, critical: false));
        return request;
    }

    private static X509AuthorityKeyIdentifierExtension IssuerOf(X509Certificate2 issuer) =>
        X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().First());

    /// <summary>A positive number, whose first byte is neither 0 nor negative, so that it has the same bytes in DER.</summary>
    private static byte[] CreateSerial(Random random)
    {
        byte[] serial = new byte[SerialSize];
        random.NextBytes(serial);
        serial[0] = (byte)(sbyte.MaxValue & (serial[0] | 1));
        return serial;
    }

    private static X509Extension AlternativeName(string name)
    {
        const string SubjectAlternativeName = "2.5.29.17";
        Asn1Tag first = new(TagClass.ContextSpecific, 0, isConstructed: true);
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(first))
        {
            writer.WriteObjectIdentifier(SpdmOids.DeviceInfo);
            using (writer.PushSequence(first)) writer.WriteCharacterString(UniversalTagNumber.UTF8String, name);
        }

        return new X509Extension(SubjectAlternativeName, writer.Encode(), critical: false);
    }
}
