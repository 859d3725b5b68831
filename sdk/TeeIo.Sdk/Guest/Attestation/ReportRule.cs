using System.Collections.Immutable;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest.Attestation;

/// <summary>What a device's interface has to be. Whatever else is asked, its report has to be whole, with MMIO for the TEE in it.</summary>
public sealed record ReportRule
{
    private const string Place = "report";
    private const MmioAttributes Shared = MmioAttributes.IsNonTeeMem | MmioAttributes.MsixTable | MmioAttributes.MsixPba;

    /// <summary>Properties that it must have; by default that firmware doesn't change under it.</summary>
    public ImmutableArray<InterfaceInfo> Requires { get; init; } = [InterfaceInfo.NoUpdateAfterLock];

    /// <summary>Properties that it must not have.</summary>
    public ImmutableArray<InterfaceInfo> Forbids { get; init; } = [];

    /// <summary>Its ranges of MMIO, all of them and in this order; empty for any.</summary>
    public ImmutableArray<ReferenceRange> Ranges { get; init; } = [];

    /// <summary>What the device may say in words of its own at the report's end; empty for anything.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> DeviceInfo { get; init; } = [];

    /// <summary>SHA-384 of the reports that are good; empty for any. Addresses in a report carry an offset, which some firmware draws anew for each guest.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Digests { get; init; } = [];

    internal AttestationRefusal? Judge(ReadOnlySpan<byte> bytes)
    {
        if (InterfaceReport.Parse(bytes.ToArray(), reportingOffset: 0) is not { } report || !TdispReport.TryRead(bytes, out TdispReport head)) return new(Place, "a whole interface report", $"{bytes.Length} bytes that aren't");
        foreach (InterfaceInfo required in Requires)
        {
            if (!head.InterfaceInfo.HasFlag(required)) return new(Place + ".requires", required.ToString(), head.InterfaceInfo.ToString());
        }

        foreach (InterfaceInfo forbidden in Forbids)
        {
            if ((head.InterfaceInfo & forbidden) != 0) return new(Place + ".forbids", $"no {forbidden}", head.InterfaceInfo.ToString());
        }

        ReadOnlySpan<byte> rest = bytes[TdispReport.ByteSize..];
        List<ReferenceRange> ranges = ReferenceRange.ReadAll(rest, report.Ranges.Count);
        if (ranges.All(range => range.Attributes.Any(attribute => (attribute & Shared) != 0))) return new(Place, "MMIO for the TEE", $"{ranges.Count} ranges for others");
        if (!Ranges.IsEmpty && Ranges.Length != ranges.Count) return new(Place + ".ranges", $"{Ranges.Length} ranges", $"{ranges.Count}");
        for (int i = 0; i < Ranges.Length; i++)
        {
            if (!Ranges[i].IsSame(ranges[i])) return new(Place + ".ranges", Ranges[i].ToString(), ranges[i].ToString(), i);
        }

        ReadOnlySpan<byte> info = rest[((report.Ranges.Count * TdispMmioRange.ByteSize) + TdispReportDeviceInfo.ByteSize)..];
        if (!Contains(DeviceInfo, info)) return new(Place + ".deviceInfo", OneOf(DeviceInfo), Convert.ToHexStringLower(info));
        return Contains(Digests, report.Hash.Span) ? null : new(Place + ".digests", OneOf(Digests), Convert.ToHexStringLower(report.Hash.Span));
    }

    private static bool Contains(ImmutableArray<ReadOnlyMemory<byte>> known, ReadOnlySpan<byte> value)
    {
        foreach (ReadOnlyMemory<byte> candidate in known)
        {
            if (candidate.Span.SequenceEqual(value)) return true;
        }

        return known.IsEmpty;
    }

    private static string OneOf(ImmutableArray<ReadOnlyMemory<byte>> known) => "one of " + string.Join(", ", known.Select(value => Convert.ToHexStringLower(value.Span)));
}
