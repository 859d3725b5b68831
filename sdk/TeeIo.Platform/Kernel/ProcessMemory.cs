using TeeIo.Boundaries;

namespace TeeIo.Platform.Kernel;

/// <summary>A mapping in a process's address space.</summary>
internal abstract class ProcessMemory(SoftwareProcess owner, ulong address, ulong length) : UserMemory
{
    public override ulong Address { get; } = address;

    public override ulong Length { get; } = length;

    protected SoftwareProcess Owner { get; } = owner;

    /// <summary>Finds the page behind <paramref name="offset"/>.</summary>
    /// <returns>False where an access would raise SIGBUS.</returns>
    public abstract bool TryTranslate(ulong offset, out ulong hpa);

    /// <summary>Whether the mapping is gone from the address space.</summary>
    public bool IsUnmapped { get; private set; }

    /// <summary>Lets go of what is behind the mapping.</summary>
    protected abstract void Unmapped();

    protected void CheckRange(ulong offset, int count)
    {
        if (IsUnmapped) Owner.ThrowIfKilled();
        ObjectDisposedException.ThrowIf(IsUnmapped, this);
        if (offset > Length || (ulong)count > Length - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"0x{offset:x}+0x{count:x} isn't inside this memory of 0x{Length:x} bytes.");
    }

    protected sealed override void Release()
    {
        if (IsUnmapped) return;
        IsUnmapped = true;
        Owner.Unmap(this);
        Unmapped();
    }
}
