using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>An I/O address space: mappings at IOVAs, kept out of what page tables and attached devices reserve.</summary>
/// <remarks>Source: Linux 7.3 drivers/iommu/iommufd/io_pagetable.c.</remarks>
internal sealed partial class Ioas : IommufdObject, IDmaDomain
{
    private const ulong PageSize = PhysicalMemory.PageSize;
    private readonly SortedList<ulong, IoasArea> _areas = [];
    private readonly List<(IommuIovaRange Range, object Owner)> _reserved = [];
    private readonly List<Hwpt> _tables = [];
    private List<IommuIovaRange> _allowed = [];
    private bool _hasLargePages = true;

    /// <summary>Its page tables, the oldest first.</summary>
    public IReadOnlyList<Hwpt> Tables => _tables;

    public IEnumerable<IoasArea> Areas => _areas.Values;

    /// <summary>What IOVAs, lengths and places in a page must be multiples of.</summary>
    public ulong Alignment { get; private set; } = 1;

    /// <summary>Whether contiguous pages may share a large entry; this IOMMU has no sizes, but without them nothing smaller than a page can be mapped either.</summary>
    public bool HasLargePages => _hasLargePages;

    public bool TryTranslate(ulong iova, bool isWrite, out ulong hpa)
    {
        hpa = 0;
        IoasMapFlags needed = isWrite ? IoasMapFlags.Writeable : IoasMapFlags.Readable;
        return Find(iova) is { IsFilled: true } area && area.Flags.HasFlag(needed) && area.Backing.TryTranslate(area.Start + (iova - area.Iova), out hpa);
    }

    /// <summary>The mapping at an IOVA, or null.</summary>
    public IoasArea? Find(ulong iova) => Overlapping(iova, iova).FirstOrDefault();

    /// <summary>Allows large entries, or forbids them.</summary>
    public SysResult SetLargePages(bool value)
    {
        if (value == _hasLargePages) return SysResult.Ok;
        if (!value && _tables.Count > 0 && _areas.Count > 0) return Errno.EINVAL;
        ulong alignment = _tables.Count > 0 || !value ? PageSize : 1;
        if (alignment > Alignment && !IsAligned(alignment)) return Errno.EADDRINUSE;
        (_hasLargePages, Alignment) = (value, alignment);
        return SysResult.Ok;
    }

    /// <summary>A page table is to show all that is mapped.</summary>
    public SysResult AddTable(Hwpt table)
    {
        if (Alignment != PageSize && !IsAligned(PageSize)) return Errno.EADDRINUSE;
        if (!Reserve(Iommu.LastAddress + 1, ulong.MaxValue, table)) return Errno.EADDRINUSE;
        if (_tables.Count == 0)
        {
            foreach (IoasArea area in _areas.Values)
            {
                SysResult filled = Fill(area);
                if (filled.IsOk) continue;
                EmptyAll();
                Unreserve(table);
                return filled;
            }
        }

        Alignment = PageSize;
        _tables.Add(table);
        return SysResult.Ok;
    }

    /// <summary>A page table goes.</summary>
    public void RemoveTable(Hwpt table)
    {
        if (!_tables.Remove(table)) return;
        Unreserve(table);
        if (_tables.Count > 0) return;
        EmptyAll();
        Alignment = _hasLargePages ? 1 : PageSize;
    }

    /// <summary>A device comes behind this address space: what it reserves must be free.</summary>
    public SysResult AddDevice(IommufdDevice device) =>
        Reserve(Iommu.InterruptWindow, Iommu.InterruptWindow + Iommu.InterruptWindowLength - 1, device) ? SysResult.Ok : Errno.EADDRINUSE;

    /// <summary>A device leaves.</summary>
    public void RemoveDevice(IommufdDevice device) => Unreserve(device);

    /// <summary>Adds mappings, one behind the other.</summary>
    /// <param name="pieces">What they show; a reference to each is the caller's, and the IOAS takes its own.</param>
    /// <param name="flags">How, and whether at <paramref name="iova"/>.</param>
    /// <param name="iova">Where, or where the kernel chose.</param>
    public SysResult Map(IReadOnlyList<(DmaBacking Backing, ulong Start, ulong Length)> pieces, IoasMapFlags flags, ref ulong iova)
    {
        ulong length = 0;
        foreach ((_, _, ulong piece) in pieces) length += piece;
        if (length == 0 || length % Alignment != 0) return Errno.EINVAL;
        ulong at = iova;
        SysResult placed = flags.HasFlag(IoasMapFlags.FixedIova) ? Check(at, length) : FindFree(pieces[0].Backing.Address + pieces[0].Start, length, ref at);
        if (!placed.IsOk) return placed;
        foreach ((DmaBacking backing, ulong start, _) in pieces)
        {
            if (flags.HasFlag(IoasMapFlags.Writeable) && !backing.IsWritable) return Errno.EPERM;
            if (start % PageSize % Alignment != 0) return Errno.EINVAL;
        }

        List<IoasArea> added = [];
        SysResult result = SysResult.Ok;
        ulong next = at;
        foreach ((DmaBacking backing, ulong start, ulong piece) in pieces)
        {
            var area = new IoasArea(next, piece, backing, start, flags);
            if (_tables.Count > 0) result = Fill(area);
            if (!result.IsOk) break;
            backing.Get();
            added.Add(area);
            next += piece;
        }

        foreach (IoasArea area in added)
        {
            _areas.Add(area.Iova, area);
            if (!result.IsOk) Remove(area);
        }

        if (result.IsOk) iova = at;
        return result;
    }

    /// <summary>What a range shows, where all of it is mapped.</summary>
    public SysResult TryGet(ulong iova, ulong length, List<(DmaBacking Backing, ulong Start, ulong Length)> pieces)
    {
        if (length == 0) return Errno.EINVAL;
        if (iova > ulong.MaxValue - (length - 1)) return Errno.EOVERFLOW;
        ulong last = iova + (length - 1);
        while (true)
        {
            if (Find(iova) is not { } area) return Errno.ENOENT;
            ulong end = Math.Min(last, area.Last);
            pieces.Add((area.Backing, area.Start + (iova - area.Iova), end - iova + 1));
            if (end == last) return SysResult.Ok;
            iova = end + 1;
        }
    }

    /// <summary>Removes the mappings of a range, the first one first, up to one that it would cut.</summary>
    public SysResult Unmap(ulong iova, ulong length, out ulong unmapped)
    {
        unmapped = 0;
        bool isAll = iova == 0 && length == ulong.MaxValue;
        if (!isAll && (iova == ulong.MaxValue || length == ulong.MaxValue)) return Errno.EOVERFLOW;
        if (length == 0) return Errno.EINVAL;
        if (!isAll && iova > ulong.MaxValue - (length - 1)) return Errno.EOVERFLOW;
        ulong last = isAll ? ulong.MaxValue : iova + (length - 1);
        foreach (IoasArea area in Overlapping(iova, last).ToArray())
        {
            if (area.Iova < iova || area.Last > last) return Errno.ENOENT;
            Remove(area);
            unmapped += area.Length;
        }

        return unmapped == 0 && !isAll ? Errno.ENOENT : SysResult.Ok;
    }

    public override void Destroy() => Unmap(0, ulong.MaxValue, out _);

    private static SysResult Fill(IoasArea area)
    {
        SysResult pinned = area.Backing.Pin(area.Start, area.Length);
        area.IsFilled = pinned.IsOk;
        return pinned;
    }

    private static void Empty(IoasArea area)
    {
        if (area.IsFilled) area.Backing.Unpin();
        area.IsFilled = false;
    }

    private void EmptyAll()
    {
        foreach (IoasArea area in _areas.Values) Empty(area);
    }

    private void Remove(IoasArea area)
    {
        _areas.Remove(area.Iova);
        Empty(area);
        area.Backing.Put();
    }

    private bool IsAligned(ulong alignment) => _areas.Values.All(a => a.Iova % alignment == 0 && a.Length % alignment == 0 && a.Start % PageSize % alignment == 0);

    private IEnumerable<IoasArea> Overlapping(ulong start, ulong last) => _areas.Values.Where(a => a.Iova <= last && start <= a.Last);
}
