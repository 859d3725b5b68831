using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>An I/O address space: mappings at IOVAs, kept out of what the attached devices reserve.</summary>
internal sealed class Ioas : IommufdObject, IDmaDomain
{
    private readonly SortedList<ulong, IoasArea> _areas = [];
    private List<IommuIovaRange> _allowed = [];
    private int _devices;

    public IEnumerable<IoasArea> Areas => _areas.Values;

    /// <summary>Whether contiguous pages may share a large entry; kept for IOMMU_OPTION, since this IOMMU has no sizes.</summary>
    public ulong HugePages { get; set; } = 1;

    public bool TryTranslate(ulong iova, bool isWrite, out ulong hpa)
    {
        hpa = 0;
        IoasMapFlags needed = isWrite ? IoasMapFlags.Writeable : IoasMapFlags.Readable;
        return FindArea(iova) is { } area && area.Flags.HasFlag(needed) && area.Backing.TryTranslate(iova - area.Iova, out hpa);
    }

    /// <summary>A device comes behind this address space: what it reserves must be free.</summary>
    public SysResult AddDevice()
    {
        if (_devices == 0)
        {
            foreach (IommuIovaRange reserved in Reserved())
            {
                if (Overlapping(reserved.Start, reserved.Last).Any() || _allowed.Exists(a => a.Start <= reserved.Last && reserved.Start <= a.Last)) return Errno.EADDRINUSE;
            }
        }

        _devices++;
        return SysResult.Ok;
    }

    public void RemoveDevice() => _devices--;

    /// <summary>What can be used: everything but what the attached devices reserve.</summary>
    public List<IommuIovaRange> UsableRanges()
    {
        List<IommuIovaRange> usable = [];
        ulong start = 0;
        if (_devices > 0)
        {
            foreach (IommuIovaRange reserved in Reserved())
            {
                if (reserved.Start > start) usable.Add(new IommuIovaRange { Start = start, Last = reserved.Start - 1 });
                if (reserved.Last == ulong.MaxValue) return usable;
                start = reserved.Last + 1;
            }
        }

        usable.Add(new IommuIovaRange { Start = start, Last = ulong.MaxValue });
        return usable;
    }

    public SysResult Allow(ReadOnlySpan<IommuIovaRange> ranges)
    {
        List<IommuIovaRange> allowed = [];
        foreach (IommuIovaRange range in ranges)
        {
            if (range.Start >= range.Last || allowed.Exists(a => a.Start <= range.Last && range.Start <= a.Last)) return Errno.EINVAL;
            if (!UsableRanges().Exists(u => u.Start <= range.Start && range.Last <= u.Last)) return Errno.EADDRINUSE;
            allowed.Add(range);
        }

        _allowed = allowed;
        return SysResult.Ok;
    }

    /// <summary>Checks a range that the user chose, or finds one.</summary>
    public SysResult Place(bool isFixed, ulong length, ref ulong iova)
    {
        if (length == 0 || length % PhysicalMemory.PageSize != 0) return Errno.EINVAL;
        if (!isFixed) return FindFree(length, ref iova);
        if (iova % PhysicalMemory.PageSize != 0) return Errno.EINVAL;
        if (iova > ulong.MaxValue - length) return Errno.EOVERFLOW;
        ulong start = iova;
        ulong last = iova + length - 1;
        if (!UsableRanges().Exists(u => u.Start <= start && last <= u.Last)) return Errno.EINVAL;
        return Overlapping(start, last).Any() ? Errno.EEXIST : SysResult.Ok;
    }

    public void Add(IoasArea area) => _areas.Add(area.Iova, area);

    public IoasArea? FindExact(ulong iova, ulong length) => _areas.TryGetValue(iova, out IoasArea? area) && area.Length == length ? area : null;

    public SysResult Unmap(ulong iova, ulong length, out ulong unmapped)
    {
        unmapped = 0;
        bool isAll = iova == 0 && length == ulong.MaxValue;
        if (length == 0) return Errno.EINVAL;
        if (!isAll && iova > ulong.MaxValue - (length - 1)) return Errno.EOVERFLOW;
        ulong last = isAll ? ulong.MaxValue : iova + length - 1;
        List<IoasArea> inside = [.. Overlapping(iova, last)];
        if (inside.Count == 0) return isAll ? SysResult.Ok : Errno.ENOENT;
        if (inside.Exists(a => a.Iova < iova || a.Last > last)) return Errno.ENOENT;
        foreach (IoasArea area in inside)
        {
            _areas.Remove(area.Iova);
            area.Backing.Put();
            unmapped += area.Length;
        }

        return SysResult.Ok;
    }

    public override void Destroy() => Unmap(0, ulong.MaxValue, out _);

    private static IommuIovaRange[] Reserved() =>
    [
        new() { Start = Iommu.InterruptWindow, Last = Iommu.InterruptWindow + Iommu.InterruptWindowLength - 1 },
        new() { Start = Iommu.LastAddress + 1, Last = ulong.MaxValue },
    ];

    private IEnumerable<IoasArea> Overlapping(ulong start, ulong last) => _areas.Values.Where(a => a.Iova <= last && start <= a.Last);

    private IoasArea? FindArea(ulong iova)
    {
        foreach (IoasArea area in _areas.Values)
        {
            if (area.Iova > iova) break;
            if (iova <= area.Last) return area;
        }

        return null;
    }

    /// <summary>The first gap that is large enough, in the allowed ranges if there are any; never IOVA 0.</summary>
    private SysResult FindFree(ulong length, ref ulong iova)
    {
        List<IommuIovaRange> candidates = _allowed.Count > 0 ? [.. _allowed.OrderBy(a => a.Start)] : UsableRanges();
        foreach (IommuIovaRange range in candidates)
        {
            ulong start = Math.Max(range.Start, PhysicalMemory.PageSize);
            start = (start + PhysicalMemory.PageSize - 1) / PhysicalMemory.PageSize * PhysicalMemory.PageSize;
            while (start <= range.Last && range.Last - start >= length - 1)
            {
                ulong last = start + length - 1;
                if (Overlapping(start, last).FirstOrDefault() is not { } taken)
                {
                    iova = start;
                    return SysResult.Ok;
                }

                start = taken.Last + 1;
            }
        }

        return Errno.ENOSPC;
    }
}
