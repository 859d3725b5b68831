using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using Parameters = TeeIo.Tdx.TdParams.TdParams;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>A TD's life: created out of a page and a key, configured, given vCPUs, finalized; then flushed, freed of its key, and reclaimed page by page. Each state allows
/// just the calls that lead on.</summary>
internal sealed class TdLife(TdTable tds, PageOwnership pages, KeyIds keys, PhysicalMemory memory, FirstTries tries, Random random)
{
    private bool _writebackUnderWay;

    public Outcome Create(ulong page, ushort hkid)
    {
        if (!keys.IsPrivate(hkid)) return Outcome.Invalid(TdxOperandId.Rdx);
        if (!keys.IsFree(hkid)) return TdxStatus.HkidNotFree;
        Outcome taken = pages.Take(page, PageType.Tdr, page, TdxOperandId.Rcx);
        if (!taken.IsSuccess) return taken;
        keys.Assign(hkid);
        tds.Add(new Td(page, new KeyId(hkid), RandomReportingOffset()));
        return Outcome.Success;
    }

    public Outcome ConfigureKey(TdrId tdr)
    {
        if (!tds.TryGet(tdr.Value, out Td? td)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (td.Lifecycle == TdLifecycleState.KeysConfigured) return TdxStatus.KeyConfigured;
        if (td.Lifecycle != TdLifecycleState.HkidAssigned) return TdxStatus.LifecycleStateIncorrect;
        if (tries.IsFirst(nameof(ConfigureKey), tdr.Value)) return TdxStatus.KeyGenerationFailed;
        memory.ReplaceKey(td.Key);
        td.Lifecycle = TdLifecycleState.KeysConfigured;
        return Outcome.Success;
    }

    public Outcome Initialise(TdrId tdr, ulong parameters)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rcx, out Td td, TdOpState.Uninitialized);
        if (!found.IsSuccess) return found;
        if (parameters % Parameters.ByteSize != 0) return Outcome.Invalid(TdxOperandId.Rdx);
        Outcome free = pages.CheckFree(parameters / SeamcallConstants.PageSize * SeamcallConstants.PageSize, TdxOperandId.Rdx);
        if (!free.IsSuccess) return free;

        Span<byte> bytes = stackalloc byte[Parameters.ByteSize];
        memory.Read(parameters, bytes, KeyId.Shared);
        if (!Parameters.TryRead(bytes, out Parameters wanted)) return Outcome.Invalid(TdxOperandId.Rdx);
        if (wanted.MaxVcpus == 0) return Outcome.Invalid(TdxOperandId.MaxVcpus);
        td.Attributes = wanted.Attributes;
        td.ConfigFlags = wanted.ConfigFlags;
        td.MaxVcpus = wanted.MaxVcpus;
        td.OpState = TdOpState.Initialized;
        return Outcome.Success;
    }

    public Outcome CreateVcpu(ulong page, TdrId tdr)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rdx, out Td td, TdOpState.Initialized);
        if (!found.IsSuccess) return found;
        if (td.Vcpus.Count == td.MaxVcpus) return TdxStatus.MaxVcpusExceeded;
        Outcome taken = pages.Take(page, PageType.Tdvpr, td.Root, TdxOperandId.Rcx);
        if (taken.IsSuccess) td.Vcpus.Add(page, new Vcpu());
        return taken;
    }

    public Outcome InitialiseVcpu(TdvprId tdvpr)
    {
        Outcome found = tds.Find(tdvpr, TdxOperandId.Rcx, out Td td, out Vcpu vcpu);
        if (!found.IsSuccess) return found;
        if (td.OpState != TdOpState.Initialized) return TdxStatus.OpStateIncorrect;
        if (vcpu.IsInitialised) return TdxStatus.VcpuStateIncorrect;
        vcpu.Initialise();
        return Outcome.Success;
    }

    public Outcome Finalise(TdrId tdr)
    {
        Outcome found = tds.Find(tdr, TdxOperandId.Rcx, out Td td, TdOpState.Initialized);
        if (!found.IsSuccess) return found;
        if (td.Vcpus.Count == 0) return TdxStatus.NoVcpus;
        td.OpState = TdOpState.Runnable;
        return Outcome.Success;
    }

    public Outcome FlushVcpu(TdvprId tdvpr)
    {
        Outcome found = tds.Find(tdvpr, TdxOperandId.Rcx, out _, out Vcpu vcpu);
        if (!found.IsSuccess) return found;
        if (!vcpu.IsAssociated) return TdxStatus.VcpuNotAssociated;
        vcpu.Flush();
        return Outcome.Success;
    }

    /// <summary>The point of no return. A TD with trusted devices doesn't pass it: which leaf gives TD_HAS_ATTACHED_DEVICES is public nowhere, and here is where it still helps.</summary>
    public Outcome FlushDone(TdrId tdr)
    {
        if (!tds.TryGet(tdr.Value, out Td? td)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (td.Lifecycle is not (TdLifecycleState.HkidAssigned or TdLifecycleState.KeysConfigured)) return TdxStatus.LifecycleStateIncorrect;
        if (td.TdiCount > 0) return TdxStatus.TdHasAttachedDevices;
        if (td.Vcpus.Values.Any(vcpu => vcpu.IsAssociated)) return TdxStatus.FlushvpNotDone;
        td.Lifecycle = TdLifecycleState.Blocked;
        return Outcome.Success;
    }

    public Outcome WriteBackCaches(ulong resume)
    {
        if (resume > 1) return Outcome.Invalid(TdxOperandId.Rcx);
        if (resume == 1 && !_writebackUnderWay) return TdxStatus.WbcacheResumeError;
        List<Td> waiting = [.. tds.All.Where(td => td is { Lifecycle: TdLifecycleState.Blocked, IsWrittenBack: false })];
        if (waiting.Count == 0) return TdxStatus.NoHkidReadyToWbcache;
        _writebackUnderWay = resume == 0;
        if (_writebackUnderWay) return TdxStatus.InterruptedResumable;
        foreach (Td td in waiting) td.IsWrittenBack = true;
        return Outcome.Success;
    }

    public Outcome FreeKey(TdrId tdr)
    {
        if (!tds.TryGet(tdr.Value, out Td? td)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (td.Lifecycle != TdLifecycleState.Blocked) return TdxStatus.LifecycleStateIncorrect;
        if (!td.IsWrittenBack) return TdxStatus.WbcacheNotComplete;
        keys.Free(td.Key.Value);
        td.Lifecycle = TdLifecycleState.Teardown;
        return Outcome.Success;
    }

    public Outcome Reclaim(ulong hpa, out PageType type, out ulong owner)
    {
        (type, owner) = (PageType.Nda, 0);
        if (!pages.TryGet(hpa, out OwnedPage page)) return TdxStatus.PageMetadataIncorrect;
        if (!tds.TryGet(page.Owner, out Td? td)) return TdxStatus.PageMetadataIncorrect;
        if (td.Lifecycle != TdLifecycleState.Teardown) return TdxStatus.LifecycleStateIncorrect;
        if (page.Type == PageType.Tdr)
        {
            if (pages.HasOthers(td.Root, hpa)) return TdxStatus.TdAssociatedPagesExist;
            tds.Remove(td);
        }

        pages.Release(hpa);
        (type, owner) = (page.Type, page.Owner);
        return Outcome.Success;
    }

    /// <summary>Six random bytes, as the 2023 generation has them, made whole pages so that a report can count in pages.</summary>
    private ulong RandomReportingOffset()
    {
        Span<byte> bytes = stackalloc byte[8];
        random.NextBytes(bytes[..6]);
        return BitConverter.ToUInt64(bytes) / SeamcallConstants.PageSize * SeamcallConstants.PageSize;
    }
}
