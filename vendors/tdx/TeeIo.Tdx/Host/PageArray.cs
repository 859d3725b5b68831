using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Host;

/// <summary>A list of pages as one word names it: a single page by its address, several by that of a page which lists them.</summary>
internal sealed class PageArray
{
    /// <summary>The most pages that one list holds.</summary>
    public const int MaxPages = SeamcallConstants.PageSize / sizeof(ulong);

    private readonly TdxSeam _seam;
    private readonly ulong[] _pages;

    private PageArray(TdxSeam seam, ulong[] pages, ulong root)
    {
        _seam = seam;
        _pages = pages;
        Root = root;
    }

    /// <summary>The pages.</summary>
    public ReadOnlySpan<ulong> Pages => _pages;

    /// <summary>The page with the list; 0 where there is one page only. It stays the host's.</summary>
    public ulong Root { get; }

    /// <summary>The list in one word.</summary>
    public ulong Word => RegisterBoundary.Pack(new HpaArrayT
    {
        Page = (Root != 0 ? Root : _pages[0]) / SeamcallConstants.PageSize,
        LastEntry = (ulong)(_pages.Length - 1),
    });

    /// <summary>Takes <paramref name="count"/> pages and what it takes to list them; null where memory is short.</summary>
    public static PageArray? Take(TdxSeam seam, int count)
    {
        if (!seam.Pages.TryTake(count > 1 ? count + 1 : 1, out ulong[] taken)) return null;
        if (count == 1) return new PageArray(seam, taken, root: 0);
        var array = new PageArray(seam, taken[..count], taken[count]);
        byte[] list = new byte[count * sizeof(ulong)];
        for (int i = 0; i < count; i++) BinaryPrimitives.WriteUInt64LittleEndian(list.AsSpan(i * sizeof(ulong)), taken[i]);
        seam.Memory.Write(array.Root, list);
        return array;
    }

    /// <summary>Reads what the module wrote across pages that stayed the host's.</summary>
    public byte[] Read(int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; at += SeamcallConstants.PageSize)
        {
            _seam.Memory.Read(_pages[at / SeamcallConstants.PageSize], bytes.AsSpan(at, Math.Min(SeamcallConstants.PageSize, length - at)));
        }

        return bytes;
    }

    /// <summary>Frees pages that stayed the host's.</summary>
    public void GiveBack()
    {
        _seam.Pages.GiveBack(_pages);
        _seam.Pages.GiveBack([Root]);
    }

    /// <summary>Frees pages that the module says it has given back. Only those that it names and that are ours are free; the rest may still be its own.</summary>
    /// <param name="released">The list of released pages, which lies in <see cref="Root"/>.</param>
    /// <param name="what">What they were, for the reason of a quarantine.</param>
    /// <returns>False where some page did not come back.</returns>
    public bool Return(ulong released, string what)
    {
        HashSet<ulong> named = Named(released);
        bool all = true;
        foreach (ulong page in _pages)
        {
            if (named.Contains(page)) all &= _seam.Pages.Return([page]);
            else _seam.Pages.Quarantine([page], $"the module did not give back this page of {what}");
            all &= named.Contains(page);
        }

        _seam.Pages.GiveBack([Root]);
        return all;
    }

    /// <summary>Takes pages out of use that the module may still own.</summary>
    public void Quarantine(string reason)
    {
        _seam.Pages.Quarantine(_pages, reason);
        _seam.Pages.GiveBack([Root]);
    }

    private HashSet<ulong> Named(ulong released)
    {
        HpaArrayT array = RegisterBoundary.Unpack<HpaArrayT>(released);
        if (array.LastEntry + 1 != (ulong)_pages.Length) return [];
        ulong first = array.Page * SeamcallConstants.PageSize;
        if (_pages.Length == 1) return [first];
        if (first != Root) return [];
        byte[] list = new byte[_pages.Length * sizeof(ulong)];
        _seam.Memory.Read(Root, list);
        return [.. Enumerable.Range(0, _pages.Length).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(list.AsSpan(i * sizeof(ulong))))];
    }
}
