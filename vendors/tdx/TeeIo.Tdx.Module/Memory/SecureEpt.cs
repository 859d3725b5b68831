using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>A TD's private page tables, 4 KiB leaves only. The tables themselves take no pages here: TDH.MEM.SEPT.ADD isn't part of the model.</summary>
internal sealed class SecureEpt
{
    private readonly Dictionary<ulong, SeptEntry> _leaves = [];

    public bool TryGet(ulong gpaPage, out SeptEntry entry) => _leaves.TryGetValue(gpaPage, out entry);

    /// <summary>Puts <paramref name="entry"/> where nothing is mapped.</summary>
    public Outcome Add(ulong gpaPage, SeptEntry entry) => _leaves.TryAdd(gpaPage, entry) ? Outcome.Success : TdxStatus.EptEntryNotFree;

    /// <summary>Finds a leaf of the wanted kind.</summary>
    public Outcome Find(ulong gpaPage, bool isMmio, out SeptEntry entry)
    {
        if (!_leaves.TryGetValue(gpaPage, out entry)) return TdxStatus.EptWalkFailed;
        return entry.IsMmio == isMmio ? Outcome.Success : TdxStatus.EptEntryStateIncorrect;
    }

    public void Set(ulong gpaPage, SeptEntry entry) => _leaves[gpaPage] = entry;

    public void Remove(ulong gpaPage) => _leaves.Remove(gpaPage);

    /// <summary>Blocks a leaf of the wanted kind.</summary>
    public Outcome Block(ulong gpaPage, bool isMmio, ulong epoch, ulong at)
    {
        Outcome found = Find(gpaPage, isMmio, out SeptEntry entry);
        if (!found.IsSuccess) return found;
        if (entry.IsBlocked) return TdxStatus.GpaRangeAlreadyBlocked;
        _leaves[gpaPage] = entry.Block(epoch, at);
        return Outcome.Success;
    }

    /// <summary>What a failing call tells about the entry of <paramref name="gpaPage"/>.</summary>
    public SeptState StateOf(ulong gpaPage) => _leaves.TryGetValue(gpaPage, out SeptEntry entry) ? entry.State : SeptState.Free;
}
