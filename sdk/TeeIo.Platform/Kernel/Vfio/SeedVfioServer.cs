using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>Bind and unbind on the device's own file: VFIO reaches into the iommufd for the vDEVICE and its VM.</summary>
internal sealed class SeedVfioServer(VfioFile file) : ISeedVfioDeviceServer, IProfileCalls
{
    public bool Handles(uint request) => SeedVfioDeviceDispatcher.Handles(request);

    public SysResult Dispatch(CrossingHub hub, uint request, scoped in IoctlFrame frame) => SeedVfioDeviceDispatcher.Dispatch(this, hub, request, frame);

    public SysResult TsmBind(ref VfioPciTsmBind argument)
    {
        if (file.Bound is not { } bound || file.Context is not { } context) return Errno.EINVAL;
        if (context.Find<Vdevice>(argument.VdeviceId.Value) is not { } vdevice) return Errno.ENOENT;
        if (!ReferenceEquals(vdevice.Device, bound)) return Errno.EINVAL;
        if (vdevice.Viommu.Vm is not { } vm) return Errno.ENOENT;
        vdevice.Calls++;
        try
        {
            using LockHold group = file.Device.Kernel.GroupLock.Acquire();
            return file.Device.IsBound ? Errno.EEXIST : file.Device.Bind(vdevice, vm);
        }
        finally
        {
            vdevice.Calls--;
        }
    }

    public SysResult TsmUnbind(ref VfioPciTsmUnbind argument)
    {
        if (file.Bound is null) return Errno.EINVAL;
        using LockHold group = file.Device.Kernel.GroupLock.Acquire();
        return file.Device.Unbind();
    }
}
