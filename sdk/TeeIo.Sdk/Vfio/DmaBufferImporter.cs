using TeeIo.Flow;

namespace TeeIo.Vfio;

/// <summary>An importer's attachment to a dma-buf by its identity; a kernel makes its own kinds of it.</summary>
/// <param name="id">Its number on this platform.</param>
public abstract class DmaBufferImporter(ulong id) : ICrossingHandle
{
    /// <inheritdoc/>
    public ulong CrossingId { get; } = id;
}
