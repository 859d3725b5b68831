using System.Formats.Asn1;

namespace TeeIo.Pci.Spdm;

/// <summary>A certificate chain as it travels: length, digest of the root's certificate, and the certificates from the root to the leaf.</summary>
public static class SpdmChain
{
    /// <summary>Makes a chain.</summary>
    /// <exception cref="ArgumentException">There is no certificate.</exception>
    public static byte[] Create(SpdmHash hash, IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(certificates);
        if (certificates.Count == 0) throw new ArgumentException("A chain has a certificate at least, the leaf's.", nameof(certificates));
        byte[] chain = new byte[SpdmCertificateChain.ByteSize + hash.Size + certificates.Sum(certificate => certificate.Length)];
        new SpdmCertificateChain { Length = (uint)chain.Length }.Write(chain);
        hash.Digest(certificates[0].Span).CopyTo(chain, SpdmCertificateChain.ByteSize);
        int at = SpdmCertificateChain.ByteSize + hash.Size;
        foreach (ReadOnlyMemory<byte> certificate in certificates)
        {
            certificate.CopyTo(chain.AsMemory(at));
            at += certificate.Length;
        }

        return chain;
    }

    /// <summary>Takes a chain apart. Nothing is said of what the certificates are.</summary>
    /// <returns>False where the length is wrong, or what follows the digest isn't a row of DER values, one at least.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> chain, SpdmHash hash, out ReadOnlyMemory<byte> rootDigest, out List<ReadOnlyMemory<byte>> certificates)
    {
        ArgumentNullException.ThrowIfNull(hash);
        (rootDigest, certificates) = (default, []);
        if (!SpdmCertificateChain.TryRead(chain.Span, out SpdmCertificateChain header) || header.Length != chain.Length) return false;
        if (chain.Length < SpdmCertificateChain.ByteSize + hash.Size) return false;
        rootDigest = chain.Slice(SpdmCertificateChain.ByteSize, hash.Size);
        ReadOnlyMemory<byte> rest = chain[(SpdmCertificateChain.ByteSize + hash.Size)..];
        while (!rest.IsEmpty)
        {
            if (!AsnDecoder.TryReadEncodedValue(rest.Span, AsnEncodingRules.DER, out _, out _, out _, out int length)) return false;
            certificates.Add(rest[..length]);
            rest = rest[length..];
        }

        return certificates.Count > 0;
    }
}
