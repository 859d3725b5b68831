using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Host;

/// <summary>A TDI that belongs to a TD: its metadata in the module, and its conversations with the device. Takes the extension lock for each of its calls.</summary>
internal sealed class TdxInterface
{
    private readonly TdxSeam _seam;
    private readonly TdxConnection _connection;
    private readonly SpdmRelay _relay;
    private readonly HostFunctionId _id;
    private readonly MmioOwnership _mmio;
    private ulong _leafPage;
    private ulong _controlPage;

    private TdxInterface(TdxSeam seam, TdxConnection connection, SpdmRelay relay, HostFunctionId id)
    {
        _seam = seam;
        _connection = connection;
        _relay = relay;
        _id = id;
        _mmio = new MmioOwnership(seam, id);
    }

    /// <summary>Gives a function to a TD and locks it; what was made is gone again where a step fails.</summary>
    public static SysResult Bind(
        TdxSeam seam, IPciTopology topology, TdxConnection connection, SpdmRelay relay, Tdi tdi, TdrId tdr, IommuId iommu, out TdxInterface? bound)
    {
        var candidate = new TdxInterface(seam, connection, relay, FunctionIds.OfHost(tdi.Function.Address));
        SysResult result = candidate.Own(tdi, tdr, iommu);
        if (result.IsOk) result = candidate._mmio.Take(topology.MmioPages(tdi.Function.Address));
        if (result.IsOk)
        {
            result = candidate.Lock();

            // The device may have locked itself even where its answer got lost, so it is stopped before its owner is forgotten.
            if (!result.IsOk) tdi.Function.NeedsReset |= !candidate.Quiesce(out bool isStopped) || !isStopped;
        }

        if (!result.IsOk) candidate.Disown();
        bound = result.IsOk ? candidate : null;
        return result;
    }

    /// <summary>Sees to it that nothing trusted of the device is under way any more: it is stopped and unlocked, or, where no conversation comes to that end any more, its stream is
    /// blocked, for all TDIs on it.</summary>
    /// <param name="isStopped">Whether the device itself has stopped.</param>
    /// <returns>False where the module refused both.</returns>
    public bool Quiesce(out bool isStopped)
    {
        isStopped = Converse((out ulong length) => _seam.ModelCalls.TryTdiStop(_id, _relay.ResponsePage, _relay.RequestPage, out length)).IsOk;
        if (isStopped) return true;
        using var hold = _seam.ExtensionLock.Acquire();
        return _connection.Block();
    }

    /// <summary>Starts it, if its TD has authorised that.</summary>
    public RelayOutcome Start() =>
        Converse((out ulong length) => _seam.ModelCalls.TryTdiStart(_id, _relay.ResponsePage, _relay.RequestPage, out length));

    /// <summary>Reads its TDISP state.</summary>
    public RelayOutcome ReadState(out byte state)
    {
        byte read = 0;
        RelayOutcome outcome = Converse((out ulong length) => _seam.ModelCalls.TryTdiGetState(_id, _relay.ResponsePage, _relay.RequestPage, out length, out read));
        state = read;
        return outcome;
    }

    /// <summary>Reads its interface report.</summary>
    public RelayOutcome ReadReport(out byte[] report)
    {
        report = [];
        if (PageArray.Take(_seam, TdcmConstants.MaxReportSize / SeamcallConstants.PageSize) is not { } pages) return new RelayOutcome(Errno.EIO, default, 0);
        ulong word = pages.Word;
        RelayOutcome outcome = Converse(
            (out ulong length) => _seam.ModelCalls.TryTdiGetReport(_id, _relay.ResponsePage, _relay.RequestPage, word, out length));
        if (outcome.Length > TdcmConstants.MaxReportSize) outcome = outcome with { Result = Errno.EIO };
        if (outcome.IsOk) report = pages.Read((int)outcome.Length);
        pages.GiveBack();
        return outcome;
    }

    /// <summary>Takes the function away from its TD. Its pages are free only when the module no longer knows an owner.</summary>
    /// <returns>False where the module refused; what it may still own is in quarantine.</returns>
    public bool Disown()
    {
        using var hold = _seam.ExtensionLock.Acquire();
        bool mmioReleased = _mmio.Release();
        bool removed = mmioReleased && Remove();
        bool all = _mmio.ReturnPages(removed);
        return ReturnPage(ref _controlPage, removed) & ReturnPage(ref _leafPage, removed) & all & removed;
    }

    /// <summary>Leaves everything to the module for good.</summary>
    public void Quarantine(string reason)
    {
        _mmio.ReturnPages(isGone: false);
        if (_controlPage != 0) _seam.Pages.Quarantine([_controlPage], reason);
        if (_leafPage != 0) _seam.Pages.Quarantine([_leafPage], reason);
        (_controlPage, _leafPage) = (0, 0);
    }

    private SysResult Own(Tdi tdi, TdrId tdr, IommuId iommu)
    {
        using var hold = _seam.ExtensionLock.Acquire();
        if (!_seam.Pages.TryTake(2, out ulong[] pages)) return Errno.EIO;
        StatusWord status;
        var retry = new Retry();
        do status = _seam.ModelCalls.TryTdimtAdd(0, _id, pages[0]);
        while (retry.Again(status));
        if (!status.IsSuccess)
        {
            _seam.Pages.GiveBack(pages);
            return ErrnoOf(status);
        }

        _leafPage = pages[0];
        ulong guestId = FunctionIds.OfGuest(tdi.Id).Value;
        retry = new Retry();
        do status = _seam.ModelCalls.TryTdiCreate((ushort)iommu.Value, (byte)_connection.Stream.Value, _id, tdr, pages[1], guestId);
        while (retry.Again(status));
        if (status.IsSuccess) _controlPage = pages[1];
        else _seam.Pages.GiveBack([pages[1]]);
        return status.IsSuccess ? SysResult.Ok : ErrnoOf(status);
    }

    private SysResult Lock() =>
        Converse((out ulong length) => _seam.ModelCalls.TryTdiBind(_id, _relay.ResponsePage, _relay.RequestPage, (ushort)LockFlags.NoFwUpdate, out length)).Result;

    private RelayOutcome Converse(RelayCall call)
    {
        using var hold = _seam.ExtensionLock.Acquire();
        return _relay.Run(_connection.Spdm, call);
    }

    private bool Remove()
    {
        StatusWord status = default;
        var retry = new Retry();
        if (_controlPage != 0)
        {
            ulong page;
            do status = _seam.ModelCalls.TryTdiRemove(_id, out page);
            while (retry.Again(status));
            if (!status.IsSuccess || page != _controlPage) return false;
        }

        if (_leafPage == 0) return true;
        ulong leaf;
        retry = new Retry();
        do status = _seam.ModelCalls.TryTdimtRemove(0, _id, out leaf);
        while (retry.Again(status));
        return status.IsSuccess && leaf == _leafPage;
    }

    private bool ReturnPage(ref ulong page, bool isReleased)
    {
        if (page == 0) return true;
        ulong returned = page;
        page = 0;
        if (isReleased) return _seam.Pages.Return([returned]);
        _seam.Pages.Quarantine([returned], "the module did not give up the TDI");
        return false;
    }

    private static Errno ErrnoOf(StatusWord status) => status.Status is TdxStatus.TdiInvalidState or TdxStatus.DevifmtAlreadyPresent ? Errno.EBUSY : Errno.EIO;
}
