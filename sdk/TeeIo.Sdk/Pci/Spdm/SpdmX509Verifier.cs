using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TeeIo.Pci.Spdm;

/// <summary>Trusts chains of X.509 certificates that lead to one of the roots it was given; nothing that the machine trusts besides counts. Nothing is downloaded.</summary>
/// <remarks>A leaf has to be what SPDM asks of it: version 3, valid now, for signatures, no authority, not the other role's, with a key of the negotiated algorithm.</remarks>
/// <param name="roots">The roots, whose certificates are compared byte for byte.</param>
/// <param name="clock">Tells what time certificates have to be valid at.</param>
/// <param name="isForRequesters">Whether it judges requesters instead of responders.</param>
public sealed class SpdmX509Verifier(IReadOnlyCollection<X509Certificate2> roots, TimeProvider clock, bool isForRequesters = false) : ISpdmVerifier
{
    private const int X509Version = 3;

    /// <inheritdoc/>
    public SpdmPublicKey? Trust(ReadOnlyMemory<byte> chain, SpdmHash hash, SpdmSignatureAlgorithm algorithm, out string refusal)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(algorithm);
        refusal = "the certificate chain is malformed";
        if (!SpdmChain.TryRead(chain, hash, out ReadOnlyMemory<byte> rootDigest, out List<ReadOnlyMemory<byte>> encoded)) return null;
        refusal = "the certificate chain comes from a root that isn't trusted";
        X509Certificate2? root = roots.FirstOrDefault(root => hash.Digest(root.RawDataMemory.Span).AsSpan().SequenceEqual(rootDigest.Span));
        if (root is null) return null;
        List<X509Certificate2> certificates = [];
        try
        {
            foreach (ReadOnlyMemory<byte> certificate in encoded) certificates.Add(X509CertificateLoader.LoadCertificate(certificate.Span));
            refusal = Judge(certificates, root) ?? JudgeLeaf(certificates[^1]) ?? "";
            if (refusal.Length > 0) return null;
            AsymmetricAlgorithm? key = certificates[^1].GetECDsaPublicKey() ?? (AsymmetricAlgorithm?)certificates[^1].GetRSAPublicKey();
            if (key is not null && algorithm.Fits(key)) return new SpdmPublicKey(algorithm, key);
            key?.Dispose();
            refusal = $"the leaf's key isn't one of {algorithm}";
            return null;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            refusal = $"a certificate of the chain is malformed: {e.Message}";
            return null;
        }
        finally
        {
            foreach (X509Certificate2 certificate in certificates) certificate.Dispose();
        }
    }

    private string? Judge(List<X509Certificate2> certificates, X509Certificate2 root)
    {
        // A first certificate that issued itself has to be the root; any other has to come from it.
        bool isRootInside = certificates[0].SubjectName.RawData.AsSpan().SequenceEqual(certificates[0].IssuerName.RawData);
        if (isRootInside && !certificates[0].RawDataMemory.Span.SequenceEqual(root.RawDataMemory.Span)) return "the certificate chain begins with another root than it says";
        using X509Chain builder = new();
        builder.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        builder.ChainPolicy.CustomTrustStore.Add(root);
        builder.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        builder.ChainPolicy.DisableCertificateDownloads = true;
        builder.ChainPolicy.VerificationTime = clock.GetUtcNow().UtcDateTime;
        builder.ChainPolicy.VerificationTimeIgnored = false;
        builder.ChainPolicy.ExtraStore.AddRange(certificates.ToArray());
        bool isGood = builder.Build(certificates[^1]);
        string problems = string.Join("; ", builder.ChainStatus.Select(status => $"{status.Status}: {status.StatusInformation.TrimEnd()}"));
        int expected = certificates.Count + (isRootInside ? 0 : 1);
        bool isWhole = builder.ChainElements.Count == expected;
        foreach (X509ChainElement element in builder.ChainElements) element.Certificate.Dispose();
        if (!isGood) return $"the certificate chain isn't good: {problems}";
        return isWhole ? null : "the certificate chain has certificates that don't belong to it";
    }

    private string? JudgeLeaf(X509Certificate2 leaf)
    {
        if (leaf.Version != X509Version) return "the leaf isn't an X.509 certificate of version 3";
        bool hasUsage = false;
        foreach (X509Extension extension in leaf.Extensions)
        {
            switch (extension)
            {
                case X509BasicConstraintsExtension { CertificateAuthority: true }:
                    return "the leaf is an authority";
                case X509KeyUsageExtension usage:
                    hasUsage = usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature);
                    break;
                case X509EnhancedKeyUsageExtension uses:
                    string[] oids = [.. uses.EnhancedKeyUsages.OfType<Oid>().Select(oid => oid.Value!)];
                    (string own, string other) = isForRequesters ? (SpdmOids.RequesterAuthentication, SpdmOids.ResponderAuthentication) : (SpdmOids.ResponderAuthentication, SpdmOids.RequesterAuthentication);
                    if (oids.Contains(other) && !oids.Contains(own)) return isForRequesters ? "the leaf is a responder's" : "the leaf is a requester's";
                    break;
            }
        }

        return hasUsage ? null : "the leaf's key isn't for signatures";
    }
}
