using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>Pinned pages of a process: they stay after the process has unmapped them.</summary>
internal sealed class PinnedBacking : DmaBacking
{
    private readonly PageSet _pages;
    private readonly ulong _start;

    public PinnedBacking(PageSet pages, ulong start)
    {
        (_pages, _start) = (pages, start);
        pages.Get();
    }

    public override bool IsProcessMemory => true;

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        ulong at = _start + offset;
        hpa = _pages[at / PhysicalMemory.PageSize] + (at % PhysicalMemory.PageSize);
        return true;
    }

    protected override void Release() => _pages.Put();
}
