using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>Private memory: the host adds pages, the guest accepts them, and the host takes them back when they are blocked and no TLB holds them.</summary>
internal sealed class TdMemory(TdTable tds, PageOwnership pages, PhysicalMemory memory, TrackingClock clock, FirstTries tries)
{
    public Outcome Add(byte level, ulong gpaPage, TdrId tdr, ulong page, ulong content)
    {
        Outcome found = Find(level, gpaPage, tdr, out Td td, TdOpState.Initialized);
        if (!found.IsSuccess) return found;
        Outcome source = pages.CheckFree(content, TdxOperandId.R9);
        if (!source.IsSuccess) return source;
        if (page == content) return Outcome.Invalid(TdxOperandId.R8);

        Outcome added = Map(td, gpaPage, page, SeptState.Mapped);
        if (!added.IsSuccess) return added;
        Span<byte> bytes = stackalloc byte[SeamcallConstants.PageSize];
        memory.Read(content, bytes, KeyId.Shared);
        memory.Write(page, bytes, td.Key);
        return Outcome.Success;
    }

    public Outcome Augment(byte level, ulong gpaPage, TdrId tdr, ulong page)
    {
        Outcome found = Find(level, gpaPage, tdr, out Td td, TdOpState.Initialized, TdOpState.Runnable);
        if (!found.IsSuccess) return found;
        return tries.IsFirst(nameof(Augment), tdr.Value)
            ? Outcome.Of(TdxStatus.OperandBusy, TdxOperandId.SeptTree)
            : Map(td, gpaPage, page, SeptState.Pending);
    }

    public Outcome Block(byte level, ulong gpaPage, TdrId tdr)
    {
        Outcome found = Find(level, gpaPage, tdr, out Td td, TdOpState.Initialized, TdOpState.Runnable);
        return found.IsSuccess ? td.Sept.Block(gpaPage, isMmio: false, td.Epoch, clock.Advance()) : found;
    }

    /// <summary>Begins a new TLB epoch. The vCPUs here have no TLB that outlives an access, so that the kick which makes them leave the old epoch isn't waited for; the first
    /// call of a TD reports one that is still in it.</summary>
    public Outcome Track(TdrId tdr)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rcx, out Td td, TdOpState.Initialized, TdOpState.Runnable);
        if (!found.IsSuccess) return found;
        if (tries.IsFirst(nameof(Track), tdr.Value)) return TdxStatus.PreviousTlbEpochBusy;
        td.Epoch++;
        return Outcome.Success;
    }

    public Outcome Remove(byte level, ulong gpaPage, TdrId tdr, out ulong page)
    {
        page = 0;
        Outcome found = Find(level, gpaPage, tdr, out Td td, TdOpState.Initialized, TdOpState.Runnable);
        if (found.IsSuccess) found = td.Sept.Find(gpaPage, isMmio: false, out _);
        if (!found.IsSuccess) return found;
        td.Sept.TryGet(gpaPage, out SeptEntry entry);
        if (!entry.IsBlocked) return TdxStatus.GpaRangeNotBlocked;
        if (td.Epoch <= entry.BlockedEpoch) return TdxStatus.TlbTrackingNotDone;
        td.Sept.Remove(gpaPage);
        page = entry.HostAddress;
        pages.Release(page);
        return Outcome.Success;
    }

    /// <summary>Accepts a pending page, which then is zero.</summary>
    public Outcome Accept(Td td, PageLevel level, ulong gpaPage)
    {
        if (!td.IsPrivate(gpaPage)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!td.Sept.TryGet(gpaPage, out SeptEntry entry)) return TdxStatus.EptEntryFree;
        if (entry.IsMmio) return Outcome.Of(TdxStatus.EptEntryStateIncorrect, TdxOperandId.Rcx);
        if (level != PageLevel.Size4k) return Outcome.Of(TdxStatus.PageSizeMismatch, TdxOperandId.Rcx);
        if (entry.State == SeptState.Mapped) return TdxStatus.PageAlreadyAccepted;
        if (entry.State != SeptState.Pending) return TdxStatus.EptEntryFree;
        memory.Write(entry.HostAddress, stackalloc byte[SeamcallConstants.PageSize], td.Key);
        td.Sept.Set(gpaPage, entry.Accepted());
        return Outcome.Success;
    }

    /// <summary>Makes an accepted page pending again.</summary>
    public static Outcome Release(Td td, PageLevel level, ulong gpaPage, out SeptEntry released)
    {
        released = default;
        if (!td.ConfigFlags.HasFlag(TdConfigFlags.PageRelease)) return Outcome.Invalid(TdxOperandId.Rax);
        if (!td.IsPrivate(gpaPage)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (level != PageLevel.Size4k) return Outcome.Of(TdxStatus.PageSizeMismatch, TdxOperandId.Rcx);
        if (!td.Sept.TryGet(gpaPage, out SeptEntry entry) || entry.IsBlocked) return Outcome.Invalid(TdxOperandId.Rcx);
        td.Sept.Set(gpaPage, entry.Released());
        released = entry;
        return Outcome.Success;
    }

    /// <summary>What a failing call tells about an entry.</summary>
    public SeptState StateOf(TdrId tdr, ulong gpaPage) => tds.TryGet(tdr.Value, out Td? td) ? td.Sept.StateOf(gpaPage) : SeptState.Free;

    private Outcome Map(Td td, ulong gpaPage, ulong page, SeptState state)
    {
        Outcome free = pages.CheckFree(page, TdxOperandId.R8);
        if (!free.IsSuccess) return free;
        Outcome added = td.Sept.Add(gpaPage, new SeptEntry(state, page, IsMmio: false));
        return added.IsSuccess ? pages.Take(page, PageType.Reg, td.Root, TdxOperandId.R8) : added;
    }

    private Outcome Find(byte level, ulong gpaPage, TdrId tdr, out Td td, params ReadOnlySpan<TdOpState> opStates)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rdx, out td, opStates);
        if (!found.IsSuccess) return found;
        return level == 0 && td.IsPrivate(gpaPage) ? Outcome.Success : Outcome.Invalid(TdxOperandId.Rcx);
    }
}
