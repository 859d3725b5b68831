using System.Security.Cryptography;

namespace TeeIo.Pci.Tdisp;

/// <summary>A TDI's interface report, as the device gave it over the session.</summary>
public sealed class InterfaceReport
{
    /// <summary>Bytes to ask for at a time; fits a page with all wrapping.</summary>
    internal const ushort Portion = 256;

    /// <summary>Bytes that an offset can address.</summary>
    internal const int MaxSize = ushort.MaxValue;

    private InterfaceReport(byte[] bytes, IReadOnlyList<ReportedRange> ranges)
    {
        Bytes = bytes;
        Hash = SHA384.HashData(bytes);
        Ranges = ranges;
    }

    /// <summary>The report itself.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>SHA-384 of the report: what OpenHCL compares with; the algorithm is stated nowhere.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    /// <summary>Its ranges of MMIO, in the order of the report.</summary>
    public IReadOnlyList<ReportedRange> Ranges { get; }

    /// <summary>Reads a report whose addresses carry <paramref name="reportingOffset"/>; null where it isn't one, to the last byte.</summary>
    public static InterfaceReport? Parse(byte[] bytes, ulong reportingOffset)
    {
        if (!TdispReport.TryRead(bytes, out TdispReport head)) return null;
        ReadOnlySpan<byte> rest = bytes.AsSpan(TdispReport.ByteSize);
        if (head.MmioRangeCount > (uint)(rest.Length / TdispMmioRange.ByteSize)) return null;
        var ranges = new List<ReportedRange>();
        for (uint i = 0; i < head.MmioRangeCount; i++)
        {
            TdispMmioRange.TryRead(rest, out TdispMmioRange range);
            ulong address = unchecked((range.FirstPage * TdispConstants.MmioPageSize) - reportingOffset);
            ranges.Add(new ReportedRange(range.RangeId, address, range.NumberOfPages, range.RangeAttributes));
            rest = rest[TdispMmioRange.ByteSize..];
        }

        bool isWhole = TdispReportDeviceInfo.TryRead(rest, out TdispReportDeviceInfo info)
            && info.DeviceSpecificInfoLen == (uint)(rest.Length - TdispReportDeviceInfo.ByteSize);
        return isWhole ? new InterfaceReport(bytes, ranges) : null;
    }
}
