namespace TeeIo.Platform.Hardware;

/// <summary>A translation that a device's ordinary DMA goes through.</summary>
public interface IDmaDomain
{
    /// <summary>Translates an address.</summary>
    /// <returns>False where nothing is mapped, or not for this kind of access.</returns>
    bool TryTranslate(ulong iova, bool isWrite, out ulong hpa);
}
