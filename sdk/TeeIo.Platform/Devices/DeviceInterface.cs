using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Platform.Devices;

/// <summary>A function as a TDI.</summary>
/// <param name="function">The function.</param>
internal sealed class DeviceInterface(PciFunctionModel function) : TdispInterface(function.Address)
{
    protected override TdispErrorCode CheckLock(LockFlags flags, byte streamId) => function.HasSecureStream(streamId) ? 0 : TdispErrorCode.InvalidRequest;

    protected override void OnStateChanged(TdiState before)
    {
        // Secrets of the TEE don't outlive its use of the interface.
        if (!IsLocked) function.ClearSecrets();
    }

    protected override byte[] BuildReport()
    {
        ReadOnlySpan<(int Page, int Pages, MmioAttributes Attributes)> ranges =
        [
            (ModelDeviceConstants.RegisterPage, 1 + ModelDeviceConstants.DataPages, MmioAttributes.None),
            (ModelDeviceConstants.OpenPage, 1, MmioAttributes.IsNonTeeMem),
            (ModelDeviceConstants.MsixTablePage, 1, MmioAttributes.MsixTable | MmioAttributes.IsNonTeeMem),
            (ModelDeviceConstants.MsixPbaPage, 1, MmioAttributes.MsixPba | MmioAttributes.IsNonTeeMem),
        ];
        byte[] info = new byte[2 * sizeof(uint)];
        BitConverter.TryWriteBytes(info, ModelDeviceConstants.Magic);
        BitConverter.TryWriteBytes(info.AsSpan(sizeof(uint)), ModelDeviceConstants.Revision);
        byte[] report = new byte[TdispReport.ByteSize + (ranges.Length * TdispMmioRange.ByteSize) + TdispReportDeviceInfo.ByteSize + info.Length];
        new TdispReport
        {
            InterfaceInfo = InterfaceInfo.DmaWithoutPasid | (LockFlags.HasFlag(LockFlags.NoFwUpdate) ? InterfaceInfo.NoUpdateAfterLock : InterfaceInfo.None),
            MsiXMessageControl = LockFlags.HasFlag(LockFlags.LockMsix) ? function.MsixControl : (ushort)0,
            MmioRangeCount = (uint)ranges.Length,
        }.Write(report);
        Span<byte> rest = report.AsSpan(TdispReport.ByteSize);
        foreach ((int page, int pages, MmioAttributes attributes) in ranges)
        {
            ulong address = function.BarAddress(ModelDeviceConstants.MmioBar) + ((ulong)page * ModelDeviceConstants.PageSize) + ReportingOffset;
            new TdispMmioRange { FirstPage = address / TdispConstants.MmioPageSize, NumberOfPages = (uint)pages, RangeAttributes = attributes, RangeId = ModelDeviceConstants.MmioBar }.Write(rest);
            rest = rest[TdispMmioRange.ByteSize..];
        }

        new TdispReportDeviceInfo { DeviceSpecificInfoLen = (uint)info.Length }.Write(rest);
        info.CopyTo(rest[TdispReportDeviceInfo.ByteSize..]);
        return report;
    }
}
