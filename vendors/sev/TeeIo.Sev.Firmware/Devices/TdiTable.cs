using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>The host's commands on TDIs.</summary>
internal sealed class TdiTable(AmdSpOptions options, DeviceTable devices, GuestTable guests, AsidFences fences, FirmwarePages pages, ScatterLists lists, ReverseMap rmp)
{
    private const TdispLockIfFlags SupportedFlags = TdispLockIfFlags.NoFwUpdate | TdispLockIfFlags.LockMsix | TdispLockIfFlags.BindP2p | TdispLockIfFlags.AllRequestRedirect;

    public SevRet Create(in TioTdiCreate argument)
    {
        if (!devices.TryGet(argument.DevCtxSla, out DeviceContext? device)) return SevRet.InvalidDevCtx;
        if (device.State != DeviceState.Connected) return SevRet.InvalidDevState;
        TdispFunctionId function = argument.InterfaceId.FunctionId;
        if (function.Reserved != 0 || argument.InterfaceId.Reserved != 0 || (function.SegmentValid == 0 && function.Segment != 0)) return SevRet.InvalidParam;
        if (function.SegmentValid != 0 && function.Segment != device.SegmentId) return SevRet.InvalidTdi;
        if (devices.Tdis.Any(tdi => tdi.RequesterId == (ushort)function.RequesterId && tdi.Device.SegmentId == device.SegmentId)) return SevRet.InUse;
        SevRet status = lists.ReadFirmware(argument.TdiCtxSla, options.TdiContextSize, out ulong[] context);
        if (status != SevRet.Success) return status;
        rmp.Use(context, PageUse.TdiContext);
        device.Tdis.Add(new TdiContext(pages.Physical(argument.TdiCtxSla.Value), context, argument.InterfaceId, device));
        return SevRet.Success;
    }

    public SevRet Reclaim(in TioTdiReclaim argument)
    {
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status != SevRet.Success) return status;
        if (tdi.Guest is not null) return SevRet.InvalidTdiState;
        if (tdi.Device.Bounce.Pending?.Tdi == tdi) return SevRet.InUse;
        rmp.Use(tdi.Pages, PageUse.Free);
        tdi.Device.Tdis.Remove(tdi);
        return SevRet.Success;
    }

    public SevRet Bind(in TioTdiBind argument)
    {
        TioTdiBind plain = argument;
        plain.SpdmCtrl = default;
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status != SevRet.Success) return status;
        BounceCall call = BounceCall.Of(SevCmd.TioTdiBind, plain, argument.SpdmCtrl, tdi);
        if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest)) return SevRet.InvalidGuest;
        if ((argument.RunFlags & ~TdiRunFlags.Run) != 0 || (argument.TdispLockIfFlags & ~SupportedFlags) != 0) return SevRet.InvalidParam;
        bool isRun = argument.RunFlags.HasFlag(TdiRunFlags.Run);
        if (!tdi.Device.Bounce.Awaits(call))
        {
            status = CheckDevice(tdi.Device, call);
            if (status == SevRet.Success) status = isRun ? CheckRun(tdi, guest, argument.GuestDeviceId) : CheckLock(tdi, guest, argument.GuestDeviceId);
            if (status != SevRet.Success) return status;
        }

        ushort guestDeviceId = argument.GuestDeviceId;
        TdispLockIfFlags flags = argument.TdispLockIfFlags;
        return tdi.Device.Bounce.Run(
            call,
            options.ScratchSizeMin,
            exchange => isRun ? tdi.Start(exchange, () => fences.OpenDefault(tdi.Device.RootPortId, guest.Asid)) : tdi.Lock(exchange, guest, guestDeviceId, flags),
            () => GiveReport(tdi));
    }

    /// <summary>Stops a TDI and takes it from its guest. By force, a device that doesn't answer is no hindrance: the guest's traffic is fenced then.</summary>
    public SevRet Unbind(in TioTdiUnbind argument)
    {
        TioTdiUnbind plain = argument;
        plain.SpdmCtrl = default;
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status != SevRet.Success) return status;
        if ((argument.Flags & ~TioForceFlags.Force) != 0) return SevRet.InvalidParam;
        BounceCall call = BounceCall.Of(SevCmd.TioTdiUnbind, plain, argument.SpdmCtrl, tdi);
        bool isForced = argument.Flags.HasFlag(TioForceFlags.Force);

        // Force drops what waits, also a bind of this TDI that its host gave up on half way.
        if (isForced && tdi.Device.Bounce.Pending is { } pending && !pending.IsRepeatedBy(call, mayGrow: true)) tdi.Device.AbortBounce();
        if (tdi.Guest is null) return SevRet.InvalidTdiState;
        if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest) || guest != tdi.Guest) return SevRet.InvalidGuest;
        if (!tdi.Device.Bounce.Awaits(call) && !isForced)
        {
            status = CheckDevice(tdi.Device, call);
            if (status != SevRet.Success) return status;
        }

        return tdi.Device.Bounce.Run(call, options.ScratchSizeMin, exchange => tdi.Stop(exchange, isForced, hasStopped => TakeAway(tdi, hasStopped)), static () => []);
    }

    public SevRet Report(in TioTdiReport argument)
    {
        TioTdiReport plain = argument;
        plain.SpdmCtrl = default;
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status != SevRet.Success) return status;
        BounceCall call = BounceCall.Of(SevCmd.TioTdiReport, plain, argument.SpdmCtrl, tdi);
        if (!tdi.Device.Bounce.Awaits(call))
        {
            if (!tdi.IsLockedOrRunning) return SevRet.InvalidTdiState;
            if (!guests.TryGet(argument.GctxPaddr.Value, out GuestContext? guest) || guest != tdi.Guest) return SevRet.InvalidGuest;
            status = CheckDevice(tdi.Device, call);
            if (status != SevRet.Success) return status;
        }

        return tdi.Device.Bounce.Run(call, options.ScratchSizeMin, tdi.ReadReport, () => GiveReport(tdi));
    }

    /// <summary>Asks the device, and gives its word on: also that of a device which goes on though its TDI was taken away by force.</summary>
    public SevRet Status(in TioTdiStatusCmd argument)
    {
        TioTdiStatusCmd plain = argument;
        plain.SpdmCtrl = default;
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status == SevRet.Success) status = pages.CheckOutput(argument.StatusPaddr, TioTdiStatus.ByteSize);
        if (status != SevRet.Success) return status;
        BounceCall call = BounceCall.Of(SevCmd.TioTdiStatus, plain, argument.SpdmCtrl, tdi);
        if (!tdi.Device.Bounce.Awaits(call)) status = CheckDevice(tdi.Device, call);
        if (status == SevRet.Success) status = tdi.Device.Bounce.Run(call, options.ScratchSizeMin, tdi.ReadState, static () => []);
        if (status != SevRet.Success) return status;
        Span<byte> bytes = stackalloc byte[TioTdiStatus.ByteSize];
        new TioTdiStatus { Length = TioTdiStatus.ByteSize, TdispState = tdi.ToldState }.Write(bytes);
        pages.Give(argument.StatusPaddr, bytes);
        return SevRet.Success;
    }

    /// <summary>Unbinds a TDI. What its guest had accepted as its MMIO isn't any more; one that ran and has not stopped leaves its guest fenced.</summary>
    public void TakeAway(TdiContext tdi, bool hasStopped)
    {
        if (tdi.Guest is not { } guest) return;
        if (!hasStopped && tdi.State != TdiState.ConfigLocked) fences.FenceForError(tdi.Device.RootPortId, guest.Asid);
        foreach (ulong page in tdi.AcceptedMmio.Where(page => rmp[page].Asid == guest.Asid)) rmp.Validate(page, isValidated: false);
        tdi.Unbind();
    }

    private SevRet CheckLock(TdiContext tdi, GuestContext guest, ushort guestDeviceId)
    {
        if (tdi.Guest is not null) return SevRet.InvalidTdiState;
        if (guest.State != GuestState.Running) return SevRet.InvalidGuestState;
        if (!guest.IsActive) return SevRet.Inactive;
        return devices.BoundTo(guest).Any(other => other.GuestDeviceId == guestDeviceId) ? SevRet.InUse : SevRet.Success;
    }

    private static SevRet CheckRun(TdiContext tdi, GuestContext guest, ushort guestDeviceId)
    {
        if (tdi.Guest is null || tdi.State != TdiState.ConfigLocked) return SevRet.InvalidTdiState;
        if (tdi.Guest != guest) return SevRet.InvalidGuest;
        return tdi.GuestDeviceId == guestDeviceId ? SevRet.Success : SevRet.InvalidParam;
    }

    private static SevRet CheckDevice(DeviceContext device, BounceCall call)
    {
        if (device.State != DeviceState.Connected) return SevRet.InvalidDevState;
        if (device.Bounce.IsBusyWithout(call)) return SevRet.InUse;
        return device.HasSession ? SevRet.Success : SevRet.ResyncReq;
    }

    private static byte[] GiveReport(TdiContext tdi) => DataObject.Create(DobjId.Report, tdi.Device, tdi.Report!.Bytes.Span);
}
