using System.Security.Cryptography;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>A TDI's interface report, as the device gave it over the session.</summary>
internal sealed class InterfaceReport
{
    /// <summary>Bytes that the module asks for at a time; fits a relay page with all wrapping.</summary>
    public const ushort Portion = 256;

    /// <summary>Bytes that an offset can address.</summary>
    public const int MaxSize = ushort.MaxValue;

    private InterfaceReport(byte[] bytes, IReadOnlyList<MmioRange> ranges)
    {
        Bytes = bytes;
        Hash = SHA384.HashData(bytes);
        Ranges = ranges;
    }

    public byte[] Bytes { get; }

    /// <summary>SHA-384 of the report: what OpenHCL compares with; the algorithm is stated nowhere.</summary>
    public byte[] Hash { get; }

    public IReadOnlyList<MmioRange> Ranges { get; }

    /// <summary>Reads a report whose addresses carry <paramref name="reportingOffset"/>; null where it isn't one, to the last byte.</summary>
    public static InterfaceReport? Parse(byte[] bytes, ulong reportingOffset)
    {
        if (!TdispReport.TryRead(bytes, out TdispReport head)) return null;
        ReadOnlySpan<byte> rest = bytes.AsSpan(TdispReport.ByteSize);
        if (head.MmioRangeCount > (uint)(rest.Length / TdispMmioRange.ByteSize)) return null;
        var ranges = new List<MmioRange>();
        for (uint i = 0; i < head.MmioRangeCount; i++)
        {
            TdispMmioRange.TryRead(rest, out TdispMmioRange range);
            ranges.Add(new MmioRange(
                unchecked((range.FirstPage * TdispConstants.MmioPageSize) - reportingOffset), range.NumberOfPages, range.RangeAttributes.HasFlag(MmioAttributes.IsNonTeeMem)));
            rest = rest[TdispMmioRange.ByteSize..];
        }

        bool isWhole = TdispReportDeviceInfo.TryRead(rest, out TdispReportDeviceInfo info)
            && info.DeviceSpecificInfoLen == (uint)(rest.Length - TdispReportDeviceInfo.ByteSize);
        return isWhole ? new InterfaceReport(bytes, ranges) : null;
    }
}
