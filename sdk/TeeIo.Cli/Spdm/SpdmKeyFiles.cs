using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using TeeIo.Pci.Spdm;

namespace TeeIo.Cli.Spdm;

/// <summary>Certificates and keys in files.</summary>
internal static class SpdmKeyFiles
{
    /// <summary>Reads an end's chain and key, or makes them.</summary>
    /// <exception cref="SpdmUsageException">A file isn't what it should be, or they don't belong together.</exception>
    public static SpdmSlot ReadSlot(FileInfo? chain, FileInfo? key, BaseAsym algorithms)
    {
        if (chain is null && key is null) return DevelopmentPki.Create(SpdmSignatureAlgorithm.EcdsaP384, TimeProvider.System);
        if (chain is null || key is null) throw new SpdmUsageException("a certificate chain and its key belong together: give both --cert-chain and --key, or neither");
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPemFile(chain.FullName);
        if (certificates.Count == 0) throw new SpdmUsageException($"{chain} has no certificate in PEM");
        AsymmetricAlgorithm privateKey = ReadKey(key);
        SpdmSignatureAlgorithm algorithm = SpdmSignatureAlgorithm.All.FirstOrDefault(known => (known.Algorithm & algorithms) != 0 && known.Fits(privateKey))
            ?? throw new SpdmUsageException($"the key in {key} ({privateKey.KeySize} bits) is for none of {algorithms}; --algorithms all takes more");
        X509Certificate2 leaf = certificates[^1];
        byte[] own = privateKey is ECDsa ec ? ec.ExportSubjectPublicKeyInfo() : ((RSA)privateKey).ExportSubjectPublicKeyInfo();
        if (!leaf.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own)) throw new SpdmUsageException($"the key in {key} isn't the one of the last certificate in {chain}, {leaf.Subject}; the chain goes from the root to the leaf");
        return new SpdmSlot(0, [.. certificates.Select(certificate => certificate.RawDataMemory)], new SpdmPrivateKey(algorithm, privateKey));
    }

    /// <summary>Reads root certificates.</summary>
    /// <exception cref="SpdmUsageException">A file holds none.</exception>
    public static List<X509Certificate2> ReadRoots(FileInfo[] files)
    {
        List<X509Certificate2> roots = [];
        foreach (FileInfo file in files)
        {
            try
            {
                roots.Add(X509CertificateLoader.LoadCertificateFromFile(file.FullName));
            }
            catch (CryptographicException e)
            {
                throw new SpdmUsageException($"{file} holds no certificate: {e.Message}");
            }
        }

        return roots;
    }

    /// <summary>A certificate in PEM.</summary>
    public static byte[] ToPem(ReadOnlyMemory<byte> certificate) => Encoding.ASCII.GetBytes(PemEncoding.WriteString("CERTIFICATE", certificate.Span) + "\n");

    private static AsymmetricAlgorithm ReadKey(FileInfo file)
    {
        string pem = File.ReadAllText(file.FullName);
        foreach (AsymmetricAlgorithm candidate in new AsymmetricAlgorithm[] { ECDsa.Create(), RSA.Create() })
        {
            try
            {
                candidate.ImportFromPem(pem);
                return candidate;
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                candidate.Dispose();
            }
        }

        throw new SpdmUsageException($"{file} holds no private key, of RSA or ECDSA, in PEM without a password");
    }
}
