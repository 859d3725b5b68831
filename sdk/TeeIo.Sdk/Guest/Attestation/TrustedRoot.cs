using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TeeIo.Guest.Attestation;

/// <summary>A root that a policy trusts: whoever it certifies, directly or not.</summary>
/// <param name="certificate">Its certificate.</param>
public sealed class TrustedRoot(X509Certificate2 certificate)
{
    /// <summary>Its certificate.</summary>
    public X509Certificate2 Certificate { get; } = certificate;

    /// <summary>The root in a text of PEM, which holds one certificate.</summary>
    /// <exception cref="CryptographicException">It holds none or several, or one that is malformed.</exception>
    public static TrustedRoot FromPem(string pem)
    {
        X509Certificate2Collection found = [];
        found.ImportFromPem(pem);
        if (found.Count != 1) throw new CryptographicException($"a root is one certificate in PEM, and there are {found.Count}");
        return new TrustedRoot(found[0]);
    }

    /// <summary>Its certificate in PEM.</summary>
    public string ToPem() => Certificate.ExportCertificatePem();

    /// <inheritdoc/>
    public override string ToString() => Certificate.Subject;
}
