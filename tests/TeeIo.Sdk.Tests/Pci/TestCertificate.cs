using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A certificate that a test has made, with its key.</summary>
internal sealed class TestCertificate
{
    private static readonly DateTimeOffset s_begin = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_end = new(2090, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly SpdmSignatureAlgorithm _algorithm;
    private readonly AsymmetricAlgorithm _key;

    private TestCertificate(X509Certificate2 certificate, SpdmSignatureAlgorithm algorithm, AsymmetricAlgorithm key) => (Certificate, _algorithm, _key) = (certificate, algorithm, key);

    public X509Certificate2 Certificate { get; }

    public ReadOnlyMemory<byte> Der => Certificate.RawDataMemory;

    public ISpdmSigner Signer => new SpdmPrivateKey(_algorithm, _key);

    /// <summary>What a responder's leaf has to have.</summary>
    public static X509Extension[] OfLeaf => [Authority(false), Usage(X509KeyUsageFlags.DigitalSignature)];

    public static X509Extension Authority(bool isOne) => new X509BasicConstraintsExtension(isOne, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true);

    public static X509Extension Usage(X509KeyUsageFlags flags) => new X509KeyUsageExtension(flags, critical: true);

    public static X509Extension For(params string[] uses) => new X509EnhancedKeyUsageExtension([.. uses.Select(use => new Oid(use))], critical: false);

    public static TestCertificate Root(SpdmSignatureAlgorithm algorithm) => Make(issuer: null, "root", algorithm, s_end, [Authority(true), Usage(X509KeyUsageFlags.KeyCertSign)]);

    public TestCertificate IssueAuthority() => Make(this, "authority", _algorithm, s_end, [Authority(true), Usage(X509KeyUsageFlags.KeyCertSign)]);

    public TestCertificate IssueLeaf(params X509Extension[] extensions) => Make(this, "leaf", _algorithm, s_end, extensions);

    public TestCertificate IssueLeafUntil(DateTimeOffset end) => Make(this, "leaf", _algorithm, end, OfLeaf);

    private static TestCertificate Make(TestCertificate? issuer, string name, SpdmSignatureAlgorithm algorithm, DateTimeOffset end, X509Extension[] extensions)
    {
        AsymmetricAlgorithm key = algorithm.CreateKey();
        AsymmetricAlgorithm signer = issuer?._key ?? key;
        var generator = signer is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec) : X509SignatureGenerator.CreateForRSA((RSA)signer, RSASignaturePadding.Pkcs1);
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), new PublicKey(key), HashAlgorithmName.SHA384);
        foreach (X509Extension extension in extensions) request.CertificateExtensions.Add(extension);
        return new(request.Create(issuer?.Certificate.SubjectName ?? request.SubjectName, generator, s_begin, end, [1]), algorithm, key);
    }
}
