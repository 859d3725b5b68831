using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Host;

/// <summary>A TDI that the firmware knows, and its guest. The caller holds the DSM's lock.</summary>
/// <param name="firmware">The firmware.</param>
/// <param name="connection">Its device.</param>
/// <param name="vm">Its guest.</param>
/// <param name="tdi">The TDI.</param>
internal sealed class SevInterface(SevFirmware firmware, SevConnection connection, SevVm vm, Tdi tdi)
{
    private const TdispLockIfFlags LockFlags = TdispLockIfFlags.NoFwUpdate;
    private SlaPages? _context;
    private bool _mayBeLocked;

    /// <summary>The TDI's name, in commands and in the guest's messages.</summary>
    public TdiCtxId Id => new(_context?.Address ?? 0);

    /// <summary>Its device.</summary>
    public SevConnection Connection { get; } = connection;

    /// <summary>Its guest.</summary>
    public SevVm Vm { get; } = vm;

    /// <summary>Its interface report as the firmware gave it last.</summary>
    public byte[] Report { get; private set; } = [];

    private GctxPaddrId Guest => new(Vm.Context);

    /// <summary>Makes the firmware know it.</summary>
    /// <param name="size">Bytes of its context.</param>
    public SysResult Create(int size)
    {
        if (SlaPages.Take(firmware, size, isFirmware: true) is not { } context) return Errno.EIO;
        SevRet status = firmware.Tio.TryTdiCreate(new TioTdiCreate
        {
            DevCtxSla = Connection.Id,
            TdiCtxSla = new TdiCtxId(context.Address),
            InterfaceId = FunctionIds.InterfaceOf(tdi.Function.Address),
        });
        if (status == SevRet.Success)
        {
            _context = context;
            return SysResult.Ok;
        }

        context.Return();
        return status == SevRet.InUse ? Errno.EBUSY : Errno.EIO;
    }

    /// <summary>Binds it to its guest and locks it.</summary>
    public SysResult Lock()
    {
        // It may have become locked even where the device's answer got lost.
        _mayBeLocked = true;
        SysResult result = Bind(TdiRunFlags.None).Result;
        if (result.IsOk) result = ReadState(out TdiState state).Result is { IsOk: false } failure ? failure : Expect(state, TdiState.ConfigLocked);
        return result;
    }

    /// <summary>Starts it. One that runs already is left alone.</summary>
    public RelayOutcome Run()
    {
        RelayOutcome read = ReadState(out TdiState state);
        if (!read.IsOk || state == TdiState.Run) return read;
        return state == TdiState.ConfigLocked ? Bind(TdiRunFlags.Run) : read with { Result = Errno.EIO };
    }

    /// <summary>Unlocks it, if it is locked. The firmware keeps its context.</summary>
    /// <param name="flags">Whether a device that doesn't answer is no reason to stay bound.</param>
    public RelayOutcome Unlock(TioForceFlags flags)
    {
        if (!_mayBeLocked) return default;
        RelayOutcome outcome = Connection.Relay.Run(buffers => firmware.Tio.TryTdiUnbind(
            new TioTdiUnbind { SpdmCtrl = buffers, DevCtxSla = Connection.Id, TdiCtxSla = Id, GctxPaddr = Guest, Flags = flags }));
        if (outcome.IsOk) _mayBeLocked = false;
        return outcome;
    }

    /// <summary>Asks the device for the state.</summary>
    public RelayOutcome ReadState(out TdiState state)
    {
        RelayOutcome outcome = default;
        byte[] record = new byte[TioTdiStatus.ByteSize];
        SevRet status = firmware.Pages.Read(
            page =>
            {
                outcome = Connection.Relay.Run(buffers => firmware.Tio.TryTdiStatus(
                    new TioTdiStatusCmd { SpdmCtrl = buffers, DevCtxSla = Connection.Id, TdiCtxSla = Id, StatusPaddr = page }));
                return outcome.Status;
            },
            record);
        state = TioTdiStatus.TryRead(record, out TioTdiStatus read) ? read.TdispState : TdiState.Error;
        if (status == SevRet.NoFwCall) outcome = new RelayOutcome(Errno.EIO, status);
        return outcome.IsOk && state > TdiState.Error ? outcome with { Result = Errno.EPROTO } : outcome;
    }

    /// <summary>Passes a message of the guest to the firmware.</summary>
    /// <param name="request">A page of the host with the request.</param>
    /// <param name="response">A page of the firmware for the response.</param>
    public RelayOutcome Pass(ulong request, ulong response) => Connection.Relay.Run(buffers => firmware.Tio.TryGuestRequest(
        new TioGuestRequest
        {
            SpdmCtrl = buffers,
            DevCtxSla = Connection.Id,
            TdiCtxSla = Id,
            GctxPaddr = Guest,
            ReqPaddr = new SysPaddrId(request),
            ResPaddr = new SysPaddrId(response),
        }));

    /// <summary>Takes the TDI from its guest: unlocked, by force where the device doesn't play along, and forgotten by the firmware.</summary>
    /// <param name="isClean">Whether the device says that it is unlocked, its guest's traffic isn't stopped any more, and all pages are back; those that the firmware keeps are in
    /// quarantine.</param>
    /// <returns>Whether the firmware has forgotten it.</returns>
    public bool Release(out bool isClean)
    {
        isClean = true;
        if (_context is not { } context) return true;

        // A TDI that the firmware doesn't call bound needs no unbinding; if that is a lie, it won't be forgotten either.
        bool hasStopped = Unlock(TioForceFlags.None).IsOk;
        bool isUnbound = hasStopped || Unlock(TioForceFlags.Force) is { IsOk: true } or { Status: SevRet.InvalidTdiState };

        // Without force the firmware has the device's word for it: that the device isn't heard of again takes nothing from that. A page for the answer that isn't there, or isn't back, does.
        RelayOutcome read = ReadState(out TdiState state);
        isClean = read.IsOk ? state == TdiState.ConfigUnlocked : hasStopped && read.Status != SevRet.NoFwCall;

        // A device that may run on is reset before its memory is anybody else's.
        tdi.Function.NeedsReset |= read.IsOk ? state != TdiState.ConfigUnlocked : !hasStopped;
        bool isForgotten = isUnbound && firmware.Tio.TryTdiReclaim(new TioTdiReclaim { DevCtxSla = Connection.Id, TdiCtxSla = Id }) == SevRet.Success;
        isClean &= LiftFence();
        _context = null;
        if (isForgotten) isClean &= context.Return();
        else context.Quarantine("the firmware did not give up a TDI");
        return isForgotten;
    }

    private static SysResult Expect(TdiState state, TdiState expected) => state == expected ? SysResult.Ok : Errno.EIO;

    private RelayOutcome Bind(TdiRunFlags run)
    {
        RelayOutcome outcome = Connection.Relay.Run(buffers => firmware.Tio.TryTdiBind(new TioTdiBind
        {
            SpdmCtrl = buffers,
            DevCtxSla = Connection.Id,
            TdiCtxSla = Id,
            GctxPaddr = Guest,
            GuestDeviceId = (ushort)tdi.Id,
            TdispLockIfFlags = LockFlags,
            RunFlags = run,
        }));
        if (!outcome.IsOk) return outcome;
        if (!Connection.Relay.TryReadOutput(DobjId.Report, tdi.Function.Dsm.Address, out byte[] report)) return outcome with { Result = Errno.EIO };
        Report = report;
        return outcome;
    }

    /// <summary>Lets the guest's traffic pass the root complex again, if DMA or MMIO is stopped there. While another TDI of the guest is bound there it stays as it is.</summary>
    private bool LiftFence()
    {
        byte[] record = new byte[AsidFenceStatus.ByteSize];
        SevRet status = firmware.Pages.Read(
            page => firmware.Tio.TryAsidFenceStatus(new TioAsidFenceStatus { DevCtxSla = Connection.Id, Asid = Vm.Asid, StatusPa = page }), record);
        if (status != SevRet.Success || !AsidFenceStatus.TryRead(record, out AsidFenceStatus fence)) return false;
        if (fence.Dma == AsidFenceDma.NotFenced && fence.Mmio == AsidFenceMmio.NotFenced) return true;
        SevRet cleared = firmware.Tio.TryAsidFenceClear(new TioAsidFenceClear { DevCtxSla = Connection.Id, GctxPaddr = Guest });
        return cleared == SevRet.Success || (cleared == SevRet.InvalidTdiState && Vm.TdiCount > 1);
    }
}
