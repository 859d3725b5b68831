using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>What the host may know of TDIs and of the fences before them, without asking the device.</summary>
internal sealed class TdiDescription(AmdSpOptions options, DeviceTable devices, GuestTable guests, AsidFences fences, FirmwarePages pages)
{
    public SevRet Info(in TioTdiInfoCmd argument)
    {
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status == SevRet.Success) status = pages.CheckOutput(argument.StatusPaddr, TioTdiInfo.ByteSize);
        if (status != SevRet.Success) return status;
        bool isMeasured = tdi.Device.MeasurementsDigest.Length > 0;
        var info = new TioTdiInfo
        {
            Length = TioTdiInfo.ByteSize,
            InterfaceId = tdi.InterfaceId,
            MeasDigestValid = isMeasured,
            MeasDigestFresh = tdi.IsMeasuredAfresh,
            TdiStatus = tdi.Guest is null ? TdiBindStatus.Unbound : TdiBindStatus.Bound,
            P2Flags = (TdiLockInfo)tdi.LockFlags,
            SpdmAlgos = tdi.Device.Algorithms,
            IntfReportCounter = tdi.ReportCount,
            Asid = tdi.Guest?.Asid ?? 0,
        };
        tdi.Device.CertificatesDigest.CopyTo((Span<byte>)info.CertsDigest);
        tdi.Device.MeasurementsDigest.CopyTo((Span<byte>)info.MeasDigest);
        tdi.Report?.Hash.Span.CopyTo(info.InterfaceReportDigest);
        Span<byte> bytes = stackalloc byte[TioTdiInfo.ByteSize];
        info.Write(bytes);
        pages.Give(argument.StatusPaddr, bytes);
        return SevRet.Success;
    }

    public SevRet FenceStatus(in TioAsidFenceStatus argument)
    {
        if (!devices.TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if (argument.Asid == 0 || argument.Asid > options.MaxAsid) return SevRet.InvalidAsid;
        SevRet status = pages.CheckOutput(argument.StatusPa, AsidFenceStatus.ByteSize);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[AsidFenceStatus.ByteSize];
        fences[device.RootPortId, argument.Asid].Write(bytes);
        pages.Give(argument.StatusPa, bytes);
        return SevRet.Success;
    }

    /// <summary>Clears a guest's fence. While a TDI of the guest is bound behind it, it stays.</summary>
    public SevRet ClearFence(in TioAsidFenceClear argument)
    {
        if (!devices.TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if (guest.Asid == 0) return SevRet.Inactive;
        if (devices.BoundTo(guest).Any(tdi => tdi.Device.RootPortId == device.RootPortId)) return SevRet.InvalidTdiState;
        fences.Clear(device.RootPortId, guest.Asid);
        return SevRet.Success;
    }
}
