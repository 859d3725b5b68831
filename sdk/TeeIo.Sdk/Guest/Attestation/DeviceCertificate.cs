using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;

namespace TeeIo.Guest.Attestation;

/// <summary>Whom a chain that leads to a trusted root stands for.</summary>
/// <param name="Subject">The leaf's subject.</param>
/// <param name="Name">DMTF's alternative name; null where it has none.</param>
internal sealed record DeviceCertificate(string Subject, string? Name)
{
    /// <summary>Verifies a chain. Which algorithms it is of nobody says beside it: the hash is the one by which it names a root, the other the leaf's.</summary>
    public static DeviceCertificate? Verify(ReadOnlyMemory<byte> chain, ImmutableArray<TrustedRoot> roots, AlgorithmRule algorithms, TimeProvider clock, out AttestationRefusal? refusal)
    {
        List<ReadOnlyMemory<byte>> certificates = [];
        SpdmHash? hash = SpdmHash.All.FirstOrDefault(candidate => SpdmChain.TryRead(chain, candidate, out ReadOnlyMemory<byte> root, out certificates)
            && roots.Any(trusted => candidate.Digest(trusted.Certificate.RawDataMemory.Span).AsSpan().SequenceEqual(root.Span)));
        if (hash is null)
        {
            refusal = new("roots", $"a chain that names one of {string.Join(", ", roots)}", $"{chain.Length} bytes that name none of them");
            return null;
        }

        if (!algorithms.Hashes.Contains(hash.Algorithm))
        {
            refusal = new("algorithms.hashes", $"one of {string.Join(", ", algorithms.Hashes)}", hash.Algorithm.ToString());
            return null;
        }

        try
        {
            using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(certificates[^1].Span);
            if (FindAlgorithm(leaf, algorithms) is not { } algorithm)
            {
                refusal = new("algorithms.signatures", $"a key of one of {string.Join(", ", algorithms.Signatures)}", $"a key of {leaf.PublicKey.Oid.FriendlyName ?? leaf.PublicKey.Oid.Value}");
                return null;
            }

            using SpdmPublicKey? key = new SpdmX509Verifier([.. roots.Select(root => root.Certificate)], clock).Trust(chain, hash, algorithm, out string problem);
            refusal = key is null ? new("roots", "a good chain that leads to a root", problem) : null;
            return key is null ? null : new DeviceCertificate(leaf.Subject, NameIn(leaf));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            refusal = new("roots", "a good chain that leads to a root", $"a certificate that is malformed: {e.Message}");
            return null;
        }
    }

    private static SpdmSignatureAlgorithm? FindAlgorithm(X509Certificate2 leaf, AlgorithmRule rule)
    {
        using AsymmetricAlgorithm? key = leaf.GetECDsaPublicKey() ?? (AsymmetricAlgorithm?)leaf.GetRSAPublicKey();
        return key is null ? null : SpdmSignatureAlgorithm.All.FirstOrDefault(algorithm => rule.Signatures.Contains(algorithm.Algorithm) && algorithm.Fits(key));
    }

    internal static string? NameIn(X509Certificate2 leaf)
    {
        Asn1Tag first = new(TagClass.ContextSpecific, 0, isConstructed: true);
        foreach (X509SubjectAlternativeNameExtension extension in leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>())
        {
            AsnReader names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag() != first)
                {
                    names.ReadEncodedValue();
                    continue;
                }

                AsnReader other = names.ReadSequence(first);
                if (other.ReadObjectIdentifier() == SpdmOids.DeviceInfo) return other.ReadSequence(first).ReadCharacterString(UniversalTagNumber.UTF8String);
            }
        }

        return null;
    }
}
