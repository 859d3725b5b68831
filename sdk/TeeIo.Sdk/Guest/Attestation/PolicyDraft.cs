using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest.Attestation;

/// <summary>A policy made from what a device shows: for whoever knows by other means that this very device is good, and has read what comes of it.</summary>
public static class PolicyDraft
{
    /// <summary>Makes a policy that trusts devices with the same root, manufacturer, product, measurements and interface as this one's, and security versions that aren't lower.</summary>
    /// <returns>It has no roots where the chain doesn't bring its own along; those have to be put in before it is good for anything.</returns>
    public static AttestationPolicy Of(DeviceEvidence evidence)
    {
        ArgumentNullException.ThrowIfNull(evidence);
        (X509Certificate2? root, string? name) = ReadChain(evidence.Certificates);
        SpdmMeasurement.TryRead(evidence.Measurements, out List<SpdmMeasurement> measurements);
        return new AttestationPolicy
        {
            Roots = root is null ? [] : [new TrustedRoot(root)],
            Device = new DeviceRule { Name = name is null ? null : name[..(name.LastIndexOf(':') + 1)] + "*" },
            Measurements = new MeasurementRule
            {
                Manifest = [.. measurements.Where(measurement => measurement.Type != MeasurementType.DeviceMode).Select(Reference).OfType<ReferenceMeasurement>()],
                DeviceMode = measurements.Exists(measurement => measurement.Type == MeasurementType.DeviceMode) ? DeviceModeRule.Required : DeviceModeRule.IfReported,
            },
            Report = Report(evidence.InterfaceReport.Span),
        };
    }

    private static (X509Certificate2? Root, string? Name) ReadChain(ReadOnlyMemory<byte> chain)
    {
        foreach (SpdmHash hash in SpdmHash.All)
        {
            if (!SpdmChain.TryRead(chain, hash, out ReadOnlyMemory<byte> digest, out List<ReadOnlyMemory<byte>> certificates)) continue;
            try
            {
                using X509Certificate2 leaf = X509CertificateLoader.LoadCertificate(certificates[^1].Span);
                string? name = DeviceCertificate.NameIn(leaf);
                return (hash.Digest(certificates[0].Span).AsSpan().SequenceEqual(digest.Span) ? X509CertificateLoader.LoadCertificate(certificates[0].Span) : null, name);
            }
            catch (CryptographicException)
            {
                // Nothing of it can be said; the draft has no roots.
            }
        }

        return (null, null);
    }

    /// <summary>Of digests only the size is known: of two algorithms with one size it is the SDK's preferred one. None where no algorithm has that size.</summary>
    private static ReferenceMeasurement? Reference(SpdmMeasurement measurement)
    {
        var reference = new ReferenceMeasurement { Index = measurement.Index, Type = measurement.Type };
        ReadOnlyMemory<byte> content = measurement.Content;
        if (!measurement.IsRaw) return SpdmHash.All.FirstOrDefault(hash => hash.Size == content.Length) is { } known ? reference with { Hash = known.Measurement, Digests = [content] } : null;
        bool isVersion = measurement.Type == MeasurementType.SecureVersionNumber && content.Length == sizeof(ulong);
        return isVersion ? reference with { LeastVersion = BinaryPrimitives.ReadUInt64LittleEndian(content.Span) } : reference with { Values = [content] };
    }

    private static ReportRule Report(ReadOnlySpan<byte> bytes)
    {
        if (InterfaceReport.Parse(bytes.ToArray(), reportingOffset: 0) is not { } report || !TdispReport.TryRead(bytes, out TdispReport head)) return new ReportRule();
        InterfaceInfo info = head.InterfaceInfo | InterfaceInfo.NoUpdateAfterLock;
        InterfaceInfo[] known = [.. Enum.GetValues<InterfaceInfo>().Where(value => value != InterfaceInfo.None)];
        ReadOnlySpan<byte> rest = bytes[TdispReport.ByteSize..];
        return new ReportRule
        {
            Requires = [.. known.Where(value => info.HasFlag(value))],
            Forbids = [.. known.Where(value => !info.HasFlag(value))],
            Ranges = [.. ReferenceRange.ReadAll(rest, report.Ranges.Count)],
            DeviceInfo = [rest[((report.Ranges.Count * TdispMmioRange.ByteSize) + TdispReportDeviceInfo.ByteSize)..].ToArray()],
        };
    }
}
