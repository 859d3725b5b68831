using System.Numerics;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <content>Which IOVAs can be used, and which one the kernel picks.</content>
internal sealed partial class Ioas
{
    private const ulong HugePage = 1 << 21;

    /// <summary>What can be used: everything that nobody reserves.</summary>
    public List<IommuIovaRange> UsableRanges() => Holes(0, ulong.MaxValue, _reserved.Select(r => r.Range));

    public SysResult Allow(ReadOnlySpan<IommuIovaRange> ranges)
    {
        List<IommuIovaRange> allowed = [];
        foreach (IommuIovaRange range in ranges)
        {
            if (range.Start >= range.Last || allowed.Exists(a => Overlap(a, range))) return Errno.EINVAL;
            allowed.Add(range);
        }

        if (allowed.Exists(a => _reserved.Exists(r => Overlap(r.Range, a)))) return Errno.EADDRINUSE;
        _allowed = allowed;
        return SysResult.Ok;
    }

    private static bool Overlap(IommuIovaRange one, IommuIovaRange other) => one.Start <= other.Last && other.Start <= one.Last;

    /// <summary>What of a range lies in none of some others.</summary>
    private static List<IommuIovaRange> Holes(ulong first, ulong last, IEnumerable<IommuIovaRange> taken)
    {
        List<IommuIovaRange> holes = [];
        foreach (IommuIovaRange range in taken.OrderBy(t => t.Start))
        {
            if (range.Last < first || range.Start > last) continue;
            if (range.Start > first) holes.Add(new IommuIovaRange { Start = first, Last = range.Start - 1 });
            if (range.Last >= last) return holes;
            first = range.Last + 1;
        }

        holes.Add(new IommuIovaRange { Start = first, Last = last });
        return holes;
    }

    private bool Reserve(ulong start, ulong last, object owner)
    {
        var range = new IommuIovaRange { Start = start, Last = last };
        if (Overlapping(start, last).Any() || _allowed.Exists(a => Overlap(a, range))) return false;
        _reserved.Add((range, owner));
        return true;
    }

    private void Unreserve(object owner) => _reserved.RemoveAll(r => ReferenceEquals(r.Owner, owner));

    /// <summary>Checks a range that the user chose.</summary>
    private SysResult Check(ulong iova, ulong length)
    {
        if (iova % Alignment != 0) return Errno.EINVAL;
        if (iova > ulong.MaxValue - (length - 1)) return Errno.EOVERFLOW;
        var range = new IommuIovaRange { Start = iova, Last = iova + (length - 1) };
        if (_reserved.Exists(r => Overlap(r.Range, range))) return Errno.EINVAL;
        return Overlapping(range.Start, range.Last).Any() ? Errno.EEXIST : SysResult.Ok;
    }

    /// <summary>The first gap that is large enough, in the allowed ranges if there are any; never IOVA 0. It lies in its huge page, or a smaller power of two, as the memory does.</summary>
    private SysResult FindFree(ulong address, ulong length, ref ulong iova)
    {
        if (length >= ulong.MaxValue / 2) return Errno.EOVERFLOW;
        ulong alignment = BitOperations.RoundUpToPowerOf2(length);
        if (address != 0) alignment = Math.Min(alignment, address & (~address + 1));
        alignment = Math.Min(alignment, HugePage);
        if (alignment < Alignment) return Errno.EINVAL;
        ulong inPage = address % PageSize;
        IEnumerable<IommuIovaRange> taken = _reserved.Select(r => r.Range).Concat(_areas.Values.Select(a => new IommuIovaRange { Start = a.Iova, Last = a.Last }));
        foreach (IommuIovaRange allowed in AllowedSpans())
        {
            if (!Fits(allowed.Start, allowed.Last, out ulong first)) continue;
            foreach (IommuIovaRange hole in Holes(first, allowed.Last, taken))
            {
                if (!Fits(hole.Start, hole.Last, out ulong start)) continue;
                iova = start;
                return SysResult.Ok;
            }
        }

        return Errno.ENOSPC;

        bool Fits(ulong start, ulong last, out ulong aligned)
        {
            aligned = 0;
            if (start > ulong.MaxValue - (alignment - 1)) return false;
            aligned = ((start + (alignment - 1)) & ~(alignment - 1)) | inPage;
            return aligned < last && last - aligned >= length - 1;
        }
    }

    /// <summary>The allowed ranges in order, those that touch as one; all but the first and the last page where none is named.</summary>
    private List<IommuIovaRange> AllowedSpans()
    {
        const ulong First = PageSize;
        const ulong Last = ulong.MaxValue - PageSize;
        if (_allowed.Count == 0) return [new IommuIovaRange { Start = First, Last = Last }];
        List<IommuIovaRange> spans = [];
        foreach (IommuIovaRange range in _allowed.OrderBy(a => a.Start))
        {
            if (range.Last < First || range.Start > Last) continue;
            var clipped = new IommuIovaRange { Start = Math.Max(range.Start, First), Last = Math.Min(range.Last, Last) };
            if (spans.Count > 0 && spans[^1].Last + 1 == clipped.Start) spans[^1] = new IommuIovaRange { Start = spans[^1].Start, Last = clipped.Last };
            else spans.Add(clipped);
        }

        return spans;
    }
}
