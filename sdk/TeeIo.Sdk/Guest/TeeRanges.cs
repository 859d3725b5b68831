using TeeIo.Pci.Tdisp;

namespace TeeIo.Guest;

/// <summary>Finds the trusted ranges of an interface report in the guest's own address space.</summary>
public static class TeeRanges
{
    /// <summary>Reads the ranges of <paramref name="report"/>. A range's id is its BAR's number; pages are counted with an offset that the guest doesn't know, so the first range of
    /// a BAR stands for the BAR's start.</summary>
    /// <returns>False where the report is malformed, or a range is outside its BAR or out of order.</returns>
    public static bool TryRead(ReadOnlySpan<byte> report, GuestDevice device, out List<TeeRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(device);
        ranges = [];
        if (!TdispReport.TryRead(report, out TdispReport head)) return false;
        report = report[TdispReport.ByteSize..];
        if (head.MmioRangeCount > (uint)(report.Length / TdispMmioRange.ByteSize)) return false;
        int bar = -1;
        ulong barStart = 0;
        ulong end = 0;
        for (int i = 0; i < (int)head.MmioRangeCount; i++, report = report[TdispMmioRange.ByteSize..])
        {
            if (!TdispMmioRange.TryRead(report, out TdispMmioRange range)) return false;
            if (range.RangeId >= device.BarBase.Length || range.RangeId < bar || range.NumberOfPages == 0) return false;
            if (range.RangeId > bar) (bar, barStart, end) = (range.RangeId, range.FirstPage, range.FirstPage);
            ulong offset = range.FirstPage - barStart;
            ulong barPages = device.BarSize[bar] / TdispConstants.MmioPageSize;
            if (range.FirstPage < end || device.BarBase[bar] == 0 || offset > barPages || range.NumberOfPages > barPages - offset) return false;
            end = range.FirstPage + range.NumberOfPages;
            bool isShared = (range.RangeAttributes & (MmioAttributes.IsNonTeeMem | MmioAttributes.MsixTable | MmioAttributes.MsixPba)) != 0;
            if (!isShared) ranges.Add(new TeeRange(i, range.RangeId, (uint)offset, (device.BarBase[bar] / TdispConstants.MmioPageSize) + offset, range.NumberOfPages));
        }

        return true;
    }
}
