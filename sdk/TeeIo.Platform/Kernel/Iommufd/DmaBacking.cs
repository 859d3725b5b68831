namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>What a range of an IOAS shows; shared between the range and its copies.</summary>
internal abstract class DmaBacking
{
    private int _references = 1;

    /// <summary>Whether it's process memory, which keeps IOMMU_IOAS_CHANGE_PROCESS from working.</summary>
    public abstract bool IsProcessMemory { get; }

    public abstract bool TryTranslate(ulong offset, out ulong hpa);

    public void Get() => _references++;

    public void Put()
    {
        if (--_references == 0) Release();
    }

    protected abstract void Release();
}
