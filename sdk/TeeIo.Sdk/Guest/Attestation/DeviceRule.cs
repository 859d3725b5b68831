using System.IO.Enumeration;

namespace TeeIo.Guest.Attestation;

/// <summary>Who a device has to be, by its own certificate. In patterns <c>*</c> stands for any text, <c>?</c> for any character, and <c>\</c> takes that from the next one.</summary>
public sealed record DeviceRule
{
    /// <summary>Pattern of the certificate's subject (<c>CN=…</c>); null for any.</summary>
    public string? Subject { get; init; }

    /// <summary>Pattern of DMTF's alternative name (<c>manufacturer:product:serial number</c>); null for any, or none.</summary>
    public string? Name { get; init; }

    internal AttestationRefusal? Judge(DeviceCertificate certificate)
    {
        if (Subject is not null && !Matches(Subject, certificate.Subject)) return new("device.subject", $"'{Subject}'", $"'{certificate.Subject}'");
        if (Name is null || (certificate.Name is { } name && Matches(Name, name))) return null;
        return new("device.name", $"'{Name}'", certificate.Name is null ? "a certificate without DMTF's alternative name" : $"'{certificate.Name}'");
    }

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
