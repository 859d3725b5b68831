using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Guest;

/// <summary>The guest's TSM driver for TDX Connect. It asks the host for everything and believes only the module.</summary>
[TsmDriver]
public sealed partial class TdxGuestTsm : GuestTsmDriver
{
    private readonly GuestMachine _machine;
    private readonly TdcallClient _tdcall;
    private readonly TdcmMailbox _mailbox;
    private readonly TdcmClient _tdcm;
    private readonly TdxAcceptance _acceptance;

    /// <summary>The driver on one vCPU.</summary>
    /// <param name="machine">The vCPU.</param>
    /// <param name="hub">Where the boundaries report.</param>
    public TdxGuestTsm(GuestMachine machine, CrossingHub hub)
    {
        ArgumentNullException.ThrowIfNull(machine);
        _machine = machine;
        _tdcall = new TdcallClient(machine.Instructions, hub);
        _mailbox = new TdcmMailbox(machine, _tdcall, new GhciClient(new TdVmcallTransport(_tdcall), hub));
        _tdcm = new TdcmClient(_mailbox, hub);
        _acceptance = new TdxAcceptance(_tdcall);
    }

    /// <inheritdoc/>
    protected override SysResult Lock(LockContext context)
    {
        GuestDevice device = context.Device.Value;
        device.TsmState = null;
        if (_tdcall.TryVmRd(TdcallConstants.ConfigFlags, out ulong flags) != 0 || !((TdConfigFlags)flags).HasFlag(TdConfigFlags.TdxConnect)) return Errno.EOPNOTSUPP;
        MailboxResult checkedSupport = _tdcm.TryCheckTeeioSupp(device.RequesterId, out TdcmSupport support);
        if (!checkedSupport.IsOk) return ErrnoOf(checkedSupport);
        if (support.IsSupported != 1) return Errno.EOPNOTSUPP;
        MailboxResult bound = _tdcm.TryBind(device.RequesterId);
        if (!bound.IsOk) return bound.Error == (uint)TdcmError.InvalidState ? Errno.EBUSY : ErrnoOf(bound);
        context.OnFailure(() => _tdcm.TryUnbind(device.RequesterId));
        if (!TryRead(device, TdiField.GetBindSessionId, out ulong session) || !IsIn(device, TdiState.ConfigLocked)) return Errno.EPROTO;
        device.TsmState = new TdxGuestBind(session);
        return SysResult.Ok;
    }

    /// <inheritdoc/>
    protected override SysResult Evidence(EvidenceContext context)
    {
        GuestDevice device = context.Device.Value;
        if (!TryFindBind(device, out TdxGuestBind? bind)) return Errno.ESTALE;
        bool isReport = context.Kind == EvidenceKind.InterfaceReport;
        MailboxResult collected = isReport
            ? _tdcm.TryGetTdiReport(device.RequesterId, context.Response, out int length)
            : _tdcm.TryGetDevInfo(device.RequesterId, context.Response, out length);
        if (!collected.IsOk) return ErrnoOf(collected);
        ReadOnlySpan<byte> evidence = context.Response[..length];
        TdiField field = isReport ? TdiField.GetTdispReportHash : TdiField.GetDeviceAttestationInfoHash;
        bool isGenuine = IsVouchedFor(device, field, evidence);

        // The hash counts for this bind only if it is still this bind after it was read.
        if (!TryFindBind(device, out TdxGuestBind? after) || after != bind) return Errno.ESTALE;
        if (!isGenuine) return Errno.EBADMSG;
        if (isReport)
        {
            bind.Report = evidence.ToArray();
            return SysResult.Of(length);
        }

        // The module's layout is known here and nowhere else.
        if (DeviceInformation.Read(evidence) is not { } information) return Errno.EPROTO;
        bind.HasDeviceInfo = true;
        information.Certificates.CopyTo(context.Response);
        information.Measurements.CopyTo(context.Response[information.Certificates.Length..]);
        return SysResult.Of(information.Certificates.Length + information.Measurements.Length);
    }

    /// <inheritdoc/>
    protected override SysResult Accept(AcceptContext context)
    {
        GuestDevice device = context.Device.Value;
        if (device.TsmState is not TdxGuestBind { HasDeviceInfo: true, Report.Length: > 0 }) return Errno.EPERM;
        if (!TryFindBind(device, out TdxGuestBind? bind)) return Errno.ESTALE;
        if (!TeeRanges.TryRead(bind.Report, device, out List<TeeRange> ranges)) return Errno.EPROTO;

        // Half accepted is neither locked nor running: the device goes back to the host.
        context.OnFailure(() => Unlock(device));
        if (_acceptance.Accept(FunctionIds.OfGuest(device.RequesterId), ranges, bind.Session) is { IsOk: false } refused) return refused;
        if (_tdcm.TryStartTdi(device.RequesterId) is { IsOk: false } failure) return ErrnoOf(failure);
        return IsIn(device, TdiState.Run) ? SysResult.Ok : Errno.EPROTO;
    }

    /// <inheritdoc/>
    protected override SysResult Unlock(UnlockContext context)
    {
        GuestDevice device = context.Device;
        device.TsmState = null;
        MailboxResult unbound = _tdcm.TryUnbind(device.RequesterId);

        // Only the module knows whether the TD still owns the device. While it does, DMA that was accepted may still be mapped, so one that the host has only stopped isn't given back.
        StatusWord status = ReadField(device, TdiField.GetTdispState, 0, out ulong state);
        bool isGone = status.Status is TdxStatus.TdiNotPresent or TdxStatus.TdiInvalidMetadata;
        if (isGone || (unbound.IsOk && status.IsSuccess && state == (ulong)TdiState.ConfigUnlocked)) return SysResult.Ok;
        return unbound.IsOk ? Errno.EIO : ErrnoOf(unbound);
    }

    private bool TryFindBind(GuestDevice device, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TdxGuestBind? bind)
    {
        bind = device.TsmState as TdxGuestBind;
        return bind is not null && TryRead(device, TdiField.GetBindSessionId, out ulong session) && session == bind.Session;
    }

    private bool IsVouchedFor(GuestDevice device, TdiField field, ReadOnlySpan<byte> evidence)
    {
        ulong page = _machine.AllocatePages(1, isPrivate: true);
        if (page == 0) return false;
        StatusWord status = ReadField(device, field, page, out ulong length);
        Span<byte> hash = stackalloc byte[SHA384.HashSizeInBytes];
        bool isRead = status.IsSuccess && length == SHA384.HashSizeInBytes && _machine.TryRead(page, hash, isPrivate: true);
        _machine.FreePages(page, 1);
        return isRead && CryptographicOperations.FixedTimeEquals(hash, SHA384.HashData(evidence));
    }

    private bool IsIn(GuestDevice device, TdiState state) => TryRead(device, TdiField.GetTdispState, out ulong value) && value == (ulong)state;

    private bool TryRead(GuestDevice device, TdiField field, out ulong value) => ReadField(device, field, 0, out value).IsSuccess;

    private StatusWord ReadField(GuestDevice device, TdiField field, ulong page, out ulong value)
    {
        StatusWord status;
        var retry = new Retry();
        do status = _tdcall.TryTdiRd(FunctionIds.OfGuest(device.RequesterId), field, page, out value);
        while (retry.Again(status));
        return status;
    }

    private Errno ErrnoOf(MailboxResult failure) => failure.Error == 0 && _mailbox.Failure == Errno.ETIMEDOUT ? Errno.ETIMEDOUT : Errno.EIO;
}
