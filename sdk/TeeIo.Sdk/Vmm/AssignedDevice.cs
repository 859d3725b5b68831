using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;

namespace TeeIo.Vmm;

/// <summary>A device that the VMM has assigned to its VM.</summary>
public sealed class AssignedDevice
{
    internal AssignedDevice(string path, string? hostName, ushort guestRequesterId, string subject, Fd file, VfioDeviceClient vfio)
    {
        Path = path;
        HostName = hostName;
        GuestRequesterId = guestRequesterId;
        Subject = subject;
        File = file;
        Vfio = vfio;
    }

    /// <summary>Path of its VFIO file.</summary>
    public string Path { get; }

    /// <summary>Its PCI name in the host (segment:bus:device.function), which profiles with evidence by netlink ask by; null where nobody told.</summary>
    public string? HostName { get; }

    /// <summary>Bus, device and function under which the guest reaches it.</summary>
    public ushort GuestRequesterId { get; }

    /// <summary>Its name in traces.</summary>
    public string Subject { get; }

    /// <summary>Its VFIO file.</summary>
    public Fd File { get; }

    /// <summary>Its id in the iommufd.</summary>
    public DeviceId Id { get; internal set; }

    /// <summary>The page table that it translates through.</summary>
    public HwptId Hwpt { get; internal set; }

    /// <summary>Its vIOMMU, once made; else 0.</summary>
    public ViommuId Viommu { get; internal set; }

    /// <summary>Its vDEVICE, once made; else 0. Stays until the VM ends.</summary>
    public VdeviceId Vdevice { get; internal set; }

    /// <summary>Whether it is bound.</summary>
    public bool IsBound { get; internal set; }

    /// <summary>Whether the host side of acceptance has been prepared in this bind.</summary>
    internal bool IsAcceptancePrepared { get; set; }

    internal VfioDeviceClient Vfio { get; }

    internal List<AssignedBar> Bars { get; } = [];
}
