using TeeIo.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>IOMMUFD's attachment to a dma-buf. It can't follow moves: the first revoke kills it.</summary>
internal sealed class IommufdDmaBufImporter(ulong id) : DmaBufferImporter(id)
{
    public bool IsDead { get; set; }
}
