using TeeIo.Boundaries;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Platform.Kernel.Vfio;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>A device that a VFIO file bound to this iommufd. VFIO owns it: it goes with that file only.</summary>
internal sealed class IommufdDevice : IommufdObject
{
    private IommufdObject? _attachedTo;

    public IommufdDevice(VfioDevice device, KvmVm? vm)
    {
        (Device, Vm) = (device, vm);
        Users = 1;
        vm?.Get();
    }

    public VfioDevice Device { get; }

    /// <summary>The VM that the VFIO file belonged to when it was bound.</summary>
    public KvmVm? Vm { get; }

    /// <summary>Its vDEVICE, or null.</summary>
    public Vdevice? Vdevice { get; set; }

    /// <summary>Attaches the device to an IOAS or a page table, in place of the one before.</summary>
    public SysResult Attach(IommufdObject target)
    {
        Ioas ioas = AddressSpace(target);
        if (ioas.AddDevice() is { IsOk: false } refused) return refused;
        target.Users++;
        LeaveTarget();
        _attachedTo = target;
        Device.Kernel.Iommu.Attach(Device.Function.Address.RequesterId, ioas);
        return SysResult.Ok;
    }

    /// <summary>Detaches the device; its DMA is blocked afterwards.</summary>
    public void Detach()
    {
        Device.Kernel.Iommu.Attach(Device.Function.Address.RequesterId, null);
        LeaveTarget();
    }

    public override void Destroy()
    {
        Detach();
        Vm?.Put();
    }

    private static Ioas AddressSpace(IommufdObject target) => target switch
    {
        Ioas ioas => ioas,
        Hwpt hwpt => hwpt.Ioas,
        _ => throw new ArgumentException($"A device can be attached to an IOAS or a page table, not to {target.GetType().Name}.", nameof(target)),
    };

    private void LeaveTarget()
    {
        if (_attachedTo is null) return;
        AddressSpace(_attachedTo).RemoveDevice();
        _attachedTo.Users--;
        _attachedTo = null;
    }
}
