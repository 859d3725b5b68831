using TeeIo.Boundaries;
using TeeIo.Linux;

namespace TeeIo.Platform.Kernel;

/// <summary>An open file: counted by descriptors and by the kernel objects that use it, released with the last of them.</summary>
internal abstract class KernelFile(SoftwareProcess owner)
{
    private int _references = 1;

    /// <summary>The process that opened it; files aren't passed between processes here.</summary>
    public SoftwareProcess Owner { get; } = owner;

    /// <summary>Takes a reference.</summary>
    public void Get() => _references++;

    /// <summary>Gives a reference back; the last one releases the file.</summary>
    public void Put()
    {
        if (--_references == 0) Release();
    }

    public virtual SysResult Ioctl(uint request, scoped in IoctlFrame frame) => Errno.ENOTTY;

    /// <summary>Reads at a place. Files that a call opens have none.</summary>
    public virtual SysResult Read(ulong offset, Span<byte> destination) => Errno.ESPIPE;

    /// <summary>Writes at a place.</summary>
    public virtual SysResult Write(ulong offset, ReadOnlySpan<byte> source) => Errno.ESPIPE;

    public virtual SysResult Receive(Span<byte> destination) => Errno.EINVAL;

    public virtual SysResult Send(ReadOnlySpan<byte> source) => Errno.EINVAL;

    public virtual ProcessMemory? Map(ulong offset, ulong length, out Errno error)
    {
        error = Errno.ENODEV;
        return null;
    }

    /// <summary>Nobody uses the file any more.</summary>
    protected abstract void Release();
}
