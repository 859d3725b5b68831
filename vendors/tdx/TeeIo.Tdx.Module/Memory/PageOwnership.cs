using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>The module's metadata of physical pages (PAMT): which are its own, as what, and which have left it without a cache flush. A page has one type at a time.</summary>
/// <param name="memory">The machine's memory.</param>
internal sealed class PageOwnership(PhysicalMemory memory)
{
    private readonly Dictionary<ulong, OwnedPage> _pages = [];
    private readonly HashSet<ulong> _unflushed = [];

    /// <summary>Pages that the module owns.</summary>
    public int Count => _pages.Count;

    /// <summary>Pages that were given back and whose cache lines nobody has written back since.</summary>
    public int UnflushedCount => _unflushed.Count;

    /// <summary>Whether <paramref name="hpa"/> is a page of memory that the module doesn't own.</summary>
    public Outcome CheckFree(ulong hpa, TdxOperandId operand)
    {
        if (!IsPageOfMemory(hpa)) return Outcome.Invalid(operand);
        return _pages.ContainsKey(hpa) ? Outcome.Of(TdxStatus.PageMetadataIncorrect, operand) : Outcome.Success;
    }

    /// <summary>Takes a free page from the host.</summary>
    public Outcome Take(ulong hpa, PageType type, ulong owner, TdxOperandId operand)
    {
        Outcome free = CheckFree(hpa, operand);
        if (free.IsSuccess) Assign(hpa, type, owner);
        return free;
    }

    /// <summary>Takes all of <paramref name="hpas"/>, or none of them.</summary>
    public Outcome TakeAll(IReadOnlyCollection<ulong> hpas, PageType type, ulong owner, TdxOperandId operand)
    {
        if (hpas.Distinct().Count() != hpas.Count) return Outcome.Invalid(operand);
        foreach (ulong hpa in hpas)
        {
            Outcome free = CheckFree(hpa, operand);
            if (!free.IsSuccess) return free;
        }

        foreach (ulong hpa in hpas) Assign(hpa, type, owner);
        return Outcome.Success;
    }

    /// <summary>Gives a page back to the host, which has to flush it before anyone else uses it.</summary>
    public void Release(ulong hpa)
    {
        if (_pages.Remove(hpa)) _unflushed.Add(hpa);
    }

    /// <summary>Gives pages back to the host.</summary>
    public void ReleaseAll(IEnumerable<ulong> hpas)
    {
        foreach (ulong hpa in hpas) Release(hpa);
    }

    /// <summary>Whether the module owns <paramref name="hpa"/>, and as what.</summary>
    public bool TryGet(ulong hpa, out OwnedPage page) => _pages.TryGetValue(hpa, out page);

    /// <summary>How many pages <paramref name="owner"/> has beside <paramref name="except"/>.</summary>
    public bool HasOthers(ulong owner, ulong except) => _pages.Any(page => page.Value.Owner == owner && page.Key != except);

    /// <summary>Writes back and invalidates the cache lines of a page that isn't the module's.</summary>
    public Outcome Flush(ulong hpa, TdxOperandId operand)
    {
        Outcome free = CheckFree(hpa, operand);
        if (free.IsSuccess) _unflushed.Remove(hpa);
        return free;
    }

    private void Assign(ulong hpa, PageType type, ulong owner)
    {
        _pages.Add(hpa, new OwnedPage(type, owner));
        _unflushed.Remove(hpa);
    }

    private bool IsPageOfMemory(ulong hpa) => hpa % SeamcallConstants.PageSize == 0 && memory.IsMemory(hpa);
}
