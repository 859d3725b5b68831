using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>Private MMIO: the host maps pages that a TDI owns, and the guest accepts just those that the device's own report has at that place.</summary>
internal sealed class PrivateMmio(TdxModuleOptions options, TdTable tds, MmioOwnership owners, PhysicalMemory memory, TrackingClock clock, FirstTries tries)
{
    public Outcome Map(byte level, ulong gpaPage, TdrId tdr, ulong mmio)
    {
        Outcome found = Find(level, gpaPage, tdr, out Td td);
        if (!found.IsSuccess) return found;
        if (mmio % SeamcallConstants.PageSize != 0 || !memory.IsMmio(mmio)) return Outcome.Invalid(TdxOperandId.R8);
        if (!owners.TryGet(mmio / SeamcallConstants.PageSize, out MmioPage? page)) return TdxStatus.MmiomtNotPresent;
        TdiContext tdi = page.Value.Tdi;
        if (tdi.Td != td) return TdxStatus.MmioTdiOwnerMismatch;
        if (page.Value.GpaPage is not null) return TdxStatus.MmioInvalidPageMetadata;
        if (tdi.Stream.State == IdeStreamState.Blocked) return TdxStatus.IdeStreamBlocked;
        if (!tdi.IsLockedOrRunning) return TdxStatus.TdiInvalidState;
        Outcome added = td.Sept.Add(gpaPage, new SeptEntry(SeptState.Pending, mmio, IsMmio: true));
        if (!added.IsSuccess) return added;
        owners.SetMapped(mmio / SeamcallConstants.PageSize, gpaPage);
        tdi.MappedMmio++;
        return Outcome.Success;
    }

    public Outcome Block(byte level, ulong gpaPage, TdrId tdr)
    {
        Outcome found = Find(level, gpaPage, tdr, out Td td);
        return found.IsSuccess ? td.Sept.Block(gpaPage, isMmio: true, td.Epoch, clock.Advance()) : found;
    }

    public Outcome Unmap(byte level, ulong gpaPage, TdrId tdr, out ulong mmio)
    {
        mmio = 0;
        Outcome found = Find(level, gpaPage, tdr, out Td td);
        if (!found.IsSuccess) return found;
        Outcome walked = td.Sept.Find(gpaPage, isMmio: true, out SeptEntry entry);
        if (!walked.IsSuccess) return walked;
        if (!entry.IsBlocked) return TdxStatus.GpaRangeNotBlocked;
        if (td.Epoch <= entry.BlockedEpoch) return TdxStatus.TlbTrackingNotDone;
        if (td.IotlbTrackedAt <= entry.BlockedAt) return TdxStatus.IommuIotlbTrackingNotDone;
        if (!owners.TryGet(entry.HostAddress / SeamcallConstants.PageSize, out MmioPage? page)) return TdxStatus.MmiomtNotPresent;
        if (!page.Value.Tdi.IsQuiet) return TdxStatus.DevifTdispInvalidState;
        td.Sept.Remove(gpaPage);
        owners.SetMapped(entry.HostAddress / SeamcallConstants.PageSize, gpaPage: null);
        page.Value.Tdi.MappedMmio--;
        mmio = entry.HostAddress;
        return Outcome.Success;
    }

    /// <summary>Accepts pages of a range one after the other. Each must be the page that the report has at that offset of that range, must belong to the TDI, and is accepted
    /// once: so the host can neither swap, nor alias, nor reorder them.</summary>
    /// <param name="tdi">The TDI.</param>
    /// <param name="gpaPage">Where to begin; where to go on afterwards.</param>
    /// <param name="rangeIndex">Which range of the report.</param>
    /// <param name="offset">Where in the range; where to go on afterwards.</param>
    /// <param name="count">Pages; those that are left afterwards.</param>
    /// <returns>EPT_ENTRY_FREE where a page isn't mapped, which the CPU turns into an exit.</returns>
    public Outcome Accept(TdiContext tdi, ref ulong gpaPage, ulong rangeIndex, ref uint offset, ref uint count)
    {
        if (!tdi.IsLockedOrRunning || tdi.Report is null) return TdxStatus.TdiInvalidState;
        if (rangeIndex >= (ulong)tdi.Report.Ranges.Count) return Outcome.Invalid(TdxOperandId.Rdx);
        ReportedRange range = tdi.Report.Ranges[(int)rangeIndex];
        if (range.IsOpen) return Outcome.Invalid(TdxOperandId.Rdx);
        if (count == 0 || offset >= range.PageCount || count > range.PageCount - offset) return Outcome.Invalid(TdxOperandId.R9);
        bool isOnlyPage = count == 1;
        for (int done = 0; count > 0; done++)
        {
            if (done == options.PagesPerAccept && tries.IsFirst(nameof(Accept), gpaPage)) return TdxStatus.InterruptedResumable;
            Outcome accepted = AcceptPage(tdi, gpaPage, range, offset);
            bool isAlready = accepted == TdxStatus.PageAlreadyAccepted;
            if (!accepted.IsSuccess && !(isAlready && !isOnlyPage)) return accepted;
            gpaPage++;
            offset++;
            count--;
        }

        return Outcome.Success;
    }

    private Outcome AcceptPage(TdiContext tdi, ulong gpaPage, ReportedRange range, uint offset)
    {
        if (!tdi.Td.IsPrivate(gpaPage)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!tdi.Td.Sept.TryGet(gpaPage, out SeptEntry entry) || entry.IsBlocked) return TdxStatus.EptEntryFree;
        if (!entry.IsMmio) return TdxStatus.MmioInvalidPageMetadata;
        if (!owners.TryGet(entry.HostAddress / SeamcallConstants.PageSize, out MmioPage? page) || page.Value.Tdi != tdi) return TdxStatus.MmioTdiOwnerMismatch;
        ulong distance = entry.HostAddress - range.HostAddress;
        bool isInRange = entry.HostAddress >= range.HostAddress && distance / SeamcallConstants.PageSize < range.PageCount;
        if (!isInRange) return TdxStatus.MmioPageNotInAssocRange;
        if (distance != (ulong)offset * SeamcallConstants.PageSize) return TdxStatus.MmioInvalidHpaOffset;
        if (entry.State == SeptState.Mapped) return TdxStatus.PageAlreadyAccepted;
        tdi.Td.Sept.Set(gpaPage, entry.Accepted());
        return Outcome.Success;
    }

    private Outcome Find(byte level, ulong gpaPage, TdrId tdr, out Td td)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rdx, out td, TdOpState.Initialized, TdOpState.Runnable);
        if (!found.IsSuccess) return found;
        return level == (byte)PageLevel.Size4k && td.IsPrivate(gpaPage) ? Outcome.Success : Outcome.Invalid(TdxOperandId.Rcx);
    }
}
