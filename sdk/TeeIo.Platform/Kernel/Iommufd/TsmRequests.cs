using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Platform.Kernel.Vfio;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>What IOMMUFD does on a vDEVICE in the profiles in which it binds; each names the calls in its own way.</summary>
/// <remarks>Source: kamalca/linux drivers/iommu/iommufd/tsm.c @58252340326a.</remarks>
internal sealed class TsmRequests(IommufdContext context)
{
    /// <summary>Binds or unbinds; another operation is EINVAL, but only on a vDEVICE whose VM is known.</summary>
    public SysResult Operate(uint vdeviceId, bool isBind, bool isUnbind)
    {
        if (context.Find<Vdevice>(vdeviceId) is not { } vdevice) return Errno.ENOENT;
        if (vdevice.Viommu.Vm is not { } vm) return Errno.ENODEV;
        if (!isBind && !isUnbind) return Errno.EINVAL;
        vdevice.Calls++;
        try
        {
            using LockHold group = context.Kernel.GroupLock.Acquire();
            VfioDevice device = vdevice.Device.Device;
            return isBind ? Bind(device, vdevice, vm) : device.Unbind();
        }
        finally
        {
            vdevice.Calls--;
        }
    }

    /// <summary>Passes a guest's request to the TSM core.</summary>
    public SysResult Request(uint vdeviceId, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        tsmCode = 0;
        if (context.Find<Vdevice>(vdeviceId) is not { } vdevice) return Errno.ENOENT;
        vdevice.Calls++;
        try
        {
            return context.Kernel.Tsm.TsmGuestReq(vdevice.Device.Device.Tsm, selector, request, response, out tsmCode);
        }
        finally
        {
            vdevice.Calls--;
        }
    }

    /// <summary>The same VM again is a success that changes nothing.</summary>
    private static SysResult Bind(VfioDevice device, Vdevice vdevice, KvmVm vm)
    {
        if (device.Tsm.Tdi is not { } tdi) return device.Bind(vdevice, vm);
        return ReferenceEquals(tdi.Vm, vm.Identity) ? SysResult.Ok : Errno.EBUSY;
    }
}
