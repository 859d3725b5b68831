using TeeIo.Boundaries;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A device's dma-buf. After a revoke it's dead for good: recovering the buffer doesn't bring it back.</summary>
internal sealed class DmaBufBacking : DmaBacking
{
    private readonly VfioDmaBufFile _file;
    private readonly IommufdDmaBufImporter _importer;
    private readonly ulong _start;

    /// <summary>A part of a buffer.</summary>
    /// <param name="file">The buffer's file.</param>
    /// <param name="importer">The attachment.</param>
    /// <param name="start">Where the part begins, a whole page.</param>
    /// <param name="isWritable">Whether it's mapped for writing.</param>
    public DmaBufBacking(VfioDmaBufFile file, IommufdDmaBufImporter importer, ulong start, bool isWritable)
        : base(isWritable)
    {
        (_file, _importer, _start) = (file, importer, start);
        file.Get();
    }

    public override ulong Address => _start;

    public override bool IsDead => _importer.IsDead;

    public override SysResult Pin(ulong start, ulong length) => SysResult.Ok;

    public override void Unpin()
    {
        // A device's memory doesn't move.
    }

    public override bool TryTranslate(ulong offset, out ulong hpa)
    {
        hpa = 0;
        return !IsDead && _file.Buffer.TryTranslate(_start + offset, out hpa);
    }

    protected override void Release()
    {
        _file.Buffer.Importers.Remove(_importer);
        _file.Put();
    }
}
