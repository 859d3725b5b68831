using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A range of a device's dma-buf. After a revoke it's dead for good: recovering the buffer doesn't bring it back.</summary>
internal sealed class DmaBufBacking : DmaBacking
{
    private readonly VfioDmaBufFile _file;
    private readonly IommufdDmaBufImporter _importer;
    private readonly ulong _start;

    public DmaBufBacking(VfioDmaBufFile file, IommufdDmaBufImporter importer, ulong start)
    {
        (_file, _importer, _start) = (file, importer, start);
        file.Get();
    }

    public override bool IsProcessMemory => false;

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return !_importer.IsDead && _file.Buffer.TryTranslate(_start + offset, out hpa);
    }

    protected override void Release()
    {
        _file.Buffer.Importers.Remove(_importer);
        _file.Put();
    }
}
