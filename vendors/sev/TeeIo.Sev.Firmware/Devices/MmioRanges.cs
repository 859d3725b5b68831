using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>Finds MMIO in an interface report. Ranges of one BAR share an id, so that an offset counts from the first page under it; ranges that are open to anybody
/// aren't reported as far as a guest's acceptance goes.</summary>
internal static class MmioRanges
{
    /// <summary>Finds the host's address of pages that must lie inside one range for the TEE.</summary>
    public static MmioValidateStatus Find(InterfaceReport report, ushort rangeId, uint offset, uint count, out ulong hostAddress)
    {
        hostAddress = 0;
        List<ReportedRange> ranges = [.. report.Ranges.Where(range => range.Id == rangeId)];
        if (!ranges.Exists(range => !range.IsOpen)) return MmioValidateStatus.NotReported;
        ulong first = ranges.Min(range => range.HostAddress);
        foreach (ReportedRange range in ranges.Where(range => !range.IsOpen))
        {
            ulong start = (range.HostAddress - first) / PhysicalMemory.PageSize;
            if (count == 0 || offset < start || (ulong)offset + count > start + range.PageCount) continue;
            hostAddress = first + ((ulong)offset * PhysicalMemory.PageSize);
            return MmioValidateStatus.Success;
        }

        return MmioValidateStatus.OutOfRange;
    }
}
