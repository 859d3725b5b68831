using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A process's memory. Its pages are looked up and pinned when a device first sees them: they stay then after the process has unmapped them.</summary>
/// <param name="process">The process.</param>
/// <param name="address">Its first page.</param>
/// <param name="isWritable">Whether it was mapped for writing.</param>
internal sealed class ProcessBacking(SoftwareProcess process, ulong address, bool isWritable) : DmaBacking(isWritable)
{
    private PageSet? _pinned;
    private ulong _pinnedAddress;
    private int _pins;

    public override ulong Address => address;

    public override SysResult Pin(ulong start, ulong length)
    {
        if (_pinned is null)
        {
            if (process.Find(address + start, length) is not AnonymousMemory memory) return Errno.EFAULT;
            (_pinned, _pinnedAddress) = (memory.Pages, memory.Address);
            _pinned.Get();
        }

        _pins++;
        return SysResult.Ok;
    }

    public override void Unpin()
    {
        if (--_pins > 0) return;
        _pinned!.Put();
        _pinned = null;
    }

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        if (_pinned is null) return false;
        ulong at = address + offset - _pinnedAddress;
        hpa = _pinned[at / PhysicalMemory.PageSize] + (at % PhysicalMemory.PageSize);
        return true;
    }

    protected override void Release()
    {
        // Every range of it was unpinned before.
    }
}
