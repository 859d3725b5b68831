using TeeIo.Boundaries;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>What a range of an IOAS shows; shared between the range and its copies.</summary>
/// <param name="isWritable">Whether it was mapped for writing; copies of it can be then, too.</param>
internal abstract class DmaBacking(bool isWritable)
{
    private int _references = 1;

    public bool IsWritable { get; } = isWritable;

    /// <summary>What the IOVA that the kernel picks for its start is aligned like.</summary>
    public abstract ulong Address { get; }

    /// <summary>Whether what was behind it has gone for good.</summary>
    public virtual bool IsDead => false;

    /// <summary>A range of it comes into the page tables of devices.</summary>
    /// <returns>EFAULT where there is no memory.</returns>
    public abstract SysResult Pin(ulong start, ulong length);

    /// <summary>It leaves them.</summary>
    public abstract void Unpin();

    public abstract bool TryTranslate(ulong offset, out ulong hpa);

    public void Get() => _references++;

    public void Put()
    {
        if (--_references == 0) Release();
    }

    protected abstract void Release();
}
