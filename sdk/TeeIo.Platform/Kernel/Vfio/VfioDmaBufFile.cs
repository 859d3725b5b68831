namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>The file of a dma-buf. Importers keep it, not its device.</summary>
internal sealed class VfioDmaBufFile(SoftwareProcess owner, VfioDmaBuffer buffer) : KernelFile(owner)
{
    public VfioDmaBuffer Buffer { get; } = buffer;

    protected override void Release() => Buffer.Device.Buffers.Remove(Buffer);
}
