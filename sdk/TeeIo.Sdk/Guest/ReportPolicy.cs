using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest;

/// <summary>The least that any guest must ask: an interface report that is whole, has MMIO for the TEE, and doesn't let firmware change under it.</summary>
public sealed class ReportPolicy : IAttestationPolicy
{
    /// <inheritdoc/>
    public string? Refuse(GuestDevice device, ReadOnlySpan<byte> deviceInfo, ReadOnlySpan<byte> interfaceReport)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (deviceInfo.IsEmpty) return $"{device} shows no certificates and measurements";
        if (!TdispReport.TryRead(interfaceReport, out TdispReport report)) return $"the interface report of {device} is too short ({interfaceReport.Length} bytes)";
        if (!report.InterfaceInfo.HasFlag(InterfaceInfo.NoUpdateAfterLock)) return $"{device} may update its firmware while it is trusted";
        ReadOnlySpan<byte> ranges = interfaceReport[TdispReport.ByteSize..];
        if (report.MmioRangeCount > (uint)(ranges.Length / TdispMmioRange.ByteSize)) return $"the interface report of {device} counts more ranges than it has";
        for (int i = 0; i < report.MmioRangeCount; i++)
        {
            TdispMmioRange.TryRead(ranges[(i * TdispMmioRange.ByteSize)..], out TdispMmioRange range);
            if ((range.RangeAttributes & (MmioAttributes.IsNonTeeMem | MmioAttributes.MsixTable | MmioAttributes.MsixPba)) == 0) return null;
        }

        return $"{device} reports no MMIO for the TEE";
    }
}
