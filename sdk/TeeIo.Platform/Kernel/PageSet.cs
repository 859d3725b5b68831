using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel;

/// <summary>Pages of anonymous memory, kept by the process and by every mapping that pinned them.</summary>
internal sealed class PageSet
{
    private readonly PhysicalMemory _memory;
    private readonly ulong[] _pages;
    private int _references = 1;

    private PageSet(PhysicalMemory memory, ulong[] pages) => (_memory, _pages) = (memory, pages);

    public ulong this[ulong page] => _pages[page];

    /// <summary>Takes pages; null where there aren't enough.</summary>
    public static PageSet? Allocate(PhysicalMemory memory, ulong count)
    {
        if (count > (ulong)memory.FreePages) return null;
        var pages = new ulong[count];
        for (int i = 0; i < pages.Length; i++) pages[i] = memory.AllocatePage();
        return new PageSet(memory, pages);
    }

    public void Get() => _references++;

    public void Put()
    {
        if (--_references > 0) return;
        foreach (ulong page in _pages) _memory.FreePage(page);
    }
}
