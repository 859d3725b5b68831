using TeeIo.Boundaries;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>The trusted DMA tables. Entries above the last level are present at once; a TDI's own waits for its TD. On the way out each is blocked, invalidated and then
/// removed, the lower before the upper.</summary>
internal sealed class DmarTable(TdTable tds, TdiTable tdis, IommuTable iommus, PageOwnership pages, TrackingClock clock)
{
    private const ulong PageMask = ~((ulong)SeamcallConstants.PageSize - 1);
    private readonly Dictionary<DmarKey, DmarEntry> _entries = [];

    public bool HasEntries(ulong iommuId) => _entries.Keys.Any(key => key.IommuId == iommuId);

    public Outcome Add(DmarKey key, ulong tdr, ulong entry0, bool hasMore)
    {
        if (!iommus.Contains(key.IommuId)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (key.Parent() is { } parent && (!_entries.TryGetValue(parent, out DmarEntry above) || above.Mapping != DmarMapping.Present)) return TdxStatus.DmarEntryNotPresent;
        if (_entries.ContainsKey(key)) return TdxStatus.DmarInvalidMappingState;
        return key.Level == DmarLevel.Pasidte ? AddLeaf(key, tdr) : AddTable(key, tdr, entry0, hasMore);
    }

    /// <summary>Accepts the pending entry of <paramref name="tdi"/>.</summary>
    public Outcome Accept(TdiContext tdi)
    {
        if (!tdi.IsLockedOrRunning) return TdxStatus.TdiInvalidState;
        DmarKey key = LeafOf(tdi);
        if (!_entries.TryGetValue(key, out DmarEntry entry) || entry.Tdi != tdi || entry.Mapping != DmarMapping.Pending) return TdxStatus.DmarInvalidMappingState;
        _entries[key] = entry with { Mapping = DmarMapping.Present };
        return Outcome.Success;
    }

    public Outcome Block(DmarKey key)
    {
        if (!_entries.TryGetValue(key, out DmarEntry entry)) return TdxStatus.DmarEntryNotPresent;
        if (entry.Mapping == DmarMapping.Blocked || _entries.Keys.Any(other => other.IsBelow(key))) return TdxStatus.DmarInvalidMappingState;
        _entries[key] = entry with { Mapping = DmarMapping.Blocked };
        return Outcome.Success;
    }

    public Outcome Remove(DmarKey key, out ulong table)
    {
        table = 0;
        if (!_entries.TryGetValue(key, out DmarEntry entry)) return TdxStatus.DmarEntryNotPresent;
        if (entry.Mapping != DmarMapping.Blocked) return TdxStatus.DmarInvalidMappingState;
        if (entry.Invalidation != DmarInvalidation.Done) return TdxStatus.DmarInvalidInvState;
        _entries.Remove(key);
        if (entry.Tdi is { } tdi) tdi.HasDmaEntry = false;
        if (entry.Table != 0) pages.Release(entry.Table);
        table = entry.Table;
        return Outcome.Success;
    }

    /// <summary>Queues an invalidation of a blocked entry, or of a TD's IOTLB. Its wait descriptor isn't looked at: the host learns of the end by
    /// TDH.IQ.INV.PROCESS.</summary>
    public Outcome RequestInvalidation(IommuId iommuId, InvType type, ulong subject)
    {
        if (!iommus.TryGet(iommuId.Value, out IommuContext? iommu)) return Outcome.Invalid(TdxOperandId.Rcx);
        if (type > InvType.Iotlb) return Outcome.Invalid(TdxOperandId.Rdx);
        if (type == InvType.Iotlb)
        {
            if (!tds.TryGet(subject, out Td? td)) return Outcome.Invalid(TdxOperandId.R8);
            ulong asked = clock.Advance();
            return iommus.Queue(iommu, () => td.IotlbTrackedAt = Math.Max(td.IotlbTrackedAt, asked));
        }

        InvSubject named = RegisterBoundary.Unpack<InvSubject>(subject);
        if (named.Reserved != 0) return Outcome.Invalid(TdxOperandId.R8);
        DmarKey key = DmarKey.Of(iommu.Id, LevelOf(type), (ushort)named.RequesterId, (uint)named.Pasid);
        if (!_entries.TryGetValue(key, out DmarEntry entry) || entry.Mapping != DmarMapping.Blocked || entry.Invalidation != DmarInvalidation.None)
            return TdxStatus.DmarInvalidMappingState;
        Outcome queued = iommus.Queue(iommu, () => Advance(key, DmarInvalidation.Done));
        if (queued.IsSuccess) Advance(key, DmarInvalidation.Queued);
        return queued;
    }

    /// <summary>The TDI whose DMA <paramref name="requesterId"/> sends, if its entry and all above translate.</summary>
    public TdiContext? Walk(ushort requesterId)
    {
        if (!tdis.TryGetByRequester(requesterId, out TdiContext? tdi) || tdi.Stream.State == IdeStreamState.Blocked) return null;
        for (DmarKey? key = LeafOf(tdi); key is { } at; key = at.Parent())
        {
            if (!_entries.TryGetValue(at, out DmarEntry entry) || entry.Mapping != DmarMapping.Present) return null;
            if (at.Level == DmarLevel.Pasidte && entry.Tdi != tdi) return null;
        }

        return tdi;
    }

    private Outcome AddLeaf(DmarKey key, ulong tdr)
    {
        if (key.Pasid != 0) return TdxStatus.DmarInvalidRidPasid;
        if (!tdis.TryGetByRequester(key.Rid, out TdiContext? tdi)) return TdxStatus.TdiNotPresent;
        if (tdi.Td.Root != tdr) return Outcome.Invalid(TdxOperandId.Rdx);
        if (tdi.IommuId != key.IommuId) return Outcome.Invalid(TdxOperandId.Rcx);
        if (!tdi.IsLockedOrRunning) return TdxStatus.TdiInvalidState;
        _entries.Add(key, new DmarEntry(DmarMapping.Pending, DmarInvalidation.None, Table: 0, tdi));
        tdi.HasDmaEntry = true;
        return Outcome.Success;
    }

    /// <summary>An upper entry leads to a page of its own, which its first quadword names; the others of a context entry are attributes.</summary>
    private Outcome AddTable(DmarKey key, ulong tdr, ulong entry0, bool hasMore)
    {
        if (tdr != 0) return Outcome.Invalid(TdxOperandId.Rdx);
        if (hasMore) return Outcome.Invalid(TdxOperandId.R9);
        ulong table = entry0 & PageMask;
        Outcome taken = pages.Take(table, PageType.IommuMt, PageOwner.Iommu(key.IommuId), TdxOperandId.R8);
        if (taken.IsSuccess) _entries.Add(key, new DmarEntry(DmarMapping.Present, DmarInvalidation.None, table, Tdi: null));
        return taken;
    }

    private void Advance(DmarKey key, DmarInvalidation invalidation) => _entries[key] = _entries[key] with { Invalidation = invalidation };

    private static DmarKey LeafOf(TdiContext tdi) => DmarKey.Of(tdi.IommuId, DmarLevel.Pasidte, tdi.RequesterId, pasid: 0);

    private static DmarLevel LevelOf(InvType type) => type switch
    {
        InvType.Rte => DmarLevel.Rte,
        InvType.Cte => DmarLevel.Cte,
        InvType.Pde => DmarLevel.Pde,
        _ => DmarLevel.Pasidte,
    };
}
