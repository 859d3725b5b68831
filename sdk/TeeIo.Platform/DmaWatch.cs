using TeeIo.Flow;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform;

/// <summary>Judges each request of a device when the IOMMU lets it through, and tells with the next crossing that ends.</summary>
internal sealed class DmaWatch : IInvariantWatch
{
    private readonly List<string> _found = [];

    public DmaWatch(Iommu iommu, Func<DmaTranslation, string?> judge) => iommu.Observe(dma =>
    {
        if (judge(dma) is { } what) _found.Add(what);
    });

    public string? Closed(Crossing crossing)
    {
        if (_found.Count == 0) return null;
        string all = string.Join("; ", _found);
        _found.Clear();
        return all;
    }
}
