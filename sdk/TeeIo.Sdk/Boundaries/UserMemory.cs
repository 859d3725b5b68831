namespace TeeIo.Boundaries;

/// <summary>Page-aligned memory of this process that outlives a call: mapped for DMA, backing a memslot, or a mapped device region. Comes from
/// <see cref="IoctlTransport.Allocate"/> or <see cref="IoctlTransport.Map"/> and goes back by <see cref="IDisposable.Dispose"/>.</summary>
public abstract class UserMemory : IDisposable
{
    /// <summary>Address in the process's address space.</summary>
    public abstract ulong Address { get; }

    /// <summary>Bytes.</summary>
    public abstract ulong Length { get; }

    /// <summary>Reads <paramref name="destination"/>.Length bytes at <paramref name="offset"/>, as the host CPU sees them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range isn't inside this memory.</exception>
    public abstract void Read(ulong offset, Span<byte> destination);

    /// <summary>Writes <paramref name="source"/> at <paramref name="offset"/>, as the host CPU does.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range isn't inside this memory.</exception>
    public abstract void Write(ulong offset, ReadOnlySpan<byte> source);

    /// <summary>Unmaps the memory. Mappings that the kernel made of it (IOAS, memslots) keep their pages.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Unmaps the memory; called once or more.</summary>
    protected abstract void Release();
}
