using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A file that is no dma-buf. Linux takes any, and finds out that it isn't memory when a device is to see it; no file of the platform is.</summary>
internal sealed class FileBacking(bool isWritable) : DmaBacking(isWritable)
{
    public override ulong Address => 0;

    public override SysResult Pin(ulong start, ulong length) => Errno.EINVAL;

    public override void Unpin()
    {
        // Nothing was pinned.
    }

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return false;
    }

    protected override void Release()
    {
        // It keeps nothing.
    }
}
