namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A queue of I/O page faults. This IOMMU delivers none, so it stays empty.</summary>
internal sealed class FaultQueue : IommufdObject
{
    public override void Destroy()
    {
        // Its file, a user of it, has gone before.
    }
}
