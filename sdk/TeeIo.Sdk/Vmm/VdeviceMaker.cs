using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Vmm;

/// <summary>Makes a device's vIOMMU and its vDEVICE, whenever the profile wants them.</summary>
internal sealed class VdeviceMaker(IoctlTransport transport, Fd iommufd, CrossingHub hub)
{
    private readonly IommufdClient _iommufd = new(transport, iommufd, hub);

    /// <summary>Makes what the device doesn't have yet. A failure leaves what was there before.</summary>
    public SysResult Make(AssignedDevice device)
    {
        if (device.Vdevice.Value != 0) return SysResult.Ok;
        SysResult made = _iommufd.TryViommuAlloc(ViommuType.Tsm, device.Id, device.Hwpt, out ViommuId viommu, []);
        if (!made.IsOk) return made;
        made = _iommufd.TryVdeviceAlloc(viommu, device.Id, out VdeviceId vdevice, device.GuestRequesterId);
        if (made.IsOk) (device.Viommu, device.Vdevice) = (viommu, vdevice);
        else _iommufd.TryDestroy(viommu);
        return made;
    }
}
