namespace TeeIo.Tdx.Module.Devices;

/// <summary>An IOMMU that does trusted DMA.</summary>
/// <param name="id">Its id.</param>
/// <param name="pages">Its pages as the host listed them: first those of each queue, then the single ones.</param>
/// <param name="list">The words of the root page, as the host gets them back.</param>
internal sealed class IommuContext(ushort id, ulong[] pages, ulong[] list)
{
    public ushort Id { get; } = id;

    public ulong[] Pages { get; } = pages;

    public ulong[] List { get; } = list;

    /// <summary>Invalidations that were asked for and not taken note of.</summary>
    public Queue<Action> Queue { get; } = [];
}
