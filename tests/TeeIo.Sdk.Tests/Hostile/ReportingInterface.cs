using TeeIo.Pci;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Sdk.Tests.Hostile;

/// <summary>An interface with a report of two ranges.</summary>
internal sealed class ReportingInterface(PciAddress address) : TdispInterface(address)
{
    public static byte[] Make()
    {
        const int Ranges = 2;
        byte[] report = new byte[TdispReport.ByteSize + (Ranges * TdispMmioRange.ByteSize) + TdispReportDeviceInfo.ByteSize + 8];
        new TdispReport { InterfaceInfo = InterfaceInfo.NoUpdateAfterLock, MmioRangeCount = Ranges }.Write(report);
        Span<byte> rest = report.AsSpan(TdispReport.ByteSize);
        for (uint i = 0; i < Ranges; i++, rest = rest[TdispMmioRange.ByteSize..]) new TdispMmioRange { FirstPage = 0x100 + (i * 4), NumberOfPages = 4 }.Write(rest);
        new TdispReportDeviceInfo { DeviceSpecificInfoLen = 8 }.Write(rest);
        return report;
    }

    protected override TdispErrorCode CheckLock(LockFlags flags, byte streamId) => 0;

    protected override byte[] BuildReport() => Make();
}
