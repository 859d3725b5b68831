using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.DmaBuf;
using TeeIo.Vfio;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>VFIO as the exporter of dma-bufs.</summary>
internal sealed class VfioDmaBufExporter : IDmaBufExporter
{
    public SysResult Attach(DmaBuffer buffer, DmaBufferImporter importer)
    {
        if (buffer is not VfioDmaBuffer vfio) return Errno.EOPNOTSUPP;
        if (vfio.IsRevoked) return Errno.ENODEV;
        vfio.Importers.Add(importer);
        return SysResult.Ok;
    }

    public SysResult Detach(DmaBuffer buffer, DmaBufferImporter importer)
    {
        if (buffer is VfioDmaBuffer vfio) vfio.Importers.Remove(importer);
        return SysResult.Ok;
    }
}
