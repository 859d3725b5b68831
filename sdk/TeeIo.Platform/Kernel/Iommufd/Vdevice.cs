using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A device as one vIOMMU knows it. Destroying it unbinds the device first.</summary>
internal sealed class Vdevice : IommufdObject
{
    public Vdevice(Viommu viommu, IommufdDevice device, ulong virtualId)
    {
        (Viommu, Device, VirtualId) = (viommu, device, virtualId);
        viommu.Users++;
        viommu.VirtualIds.Add(virtualId);
        device.Vdevice = this;
    }

    public Viommu Viommu { get; }

    public IommufdDevice Device { get; }

    /// <summary>The guest's number for the device.</summary>
    public ulong VirtualId { get; }

    public override void Destroy()
    {
        using LockHold group = Device.Device.Kernel.GroupLock.Acquire();
        Device.Device.Unbind();
        Viommu.VirtualIds.Remove(VirtualId);
        Viommu.Users--;
        Device.Vdevice = null;
    }
}
