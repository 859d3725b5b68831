using TeeIo.Flow;

namespace TeeIo.Vfio;

/// <summary>A dma-buf by its identity; a kernel makes its own kind of it.</summary>
/// <param name="id">Its number on this platform.</param>
public abstract class DmaBuffer(ulong id) : ICrossingHandle
{
    /// <inheritdoc/>
    public ulong CrossingId { get; } = id;
}
