using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <content>vIOMMUs of the trusted kind and their vDEVICEs. They have no event queues and no hardware queues.</content>
internal sealed partial class IommufdServer
{
    private const uint MaxEvents = 1 << 19;

    public SysResult ViommuAlloc(ref IommuViommuAlloc argument, Span<byte> data)
    {
        if (argument.Type == ViommuType.Default) return Errno.EOPNOTSUPP;
        if (context.Find<IommufdDevice>(argument.DevId.Value) is not { } device) return Errno.ENOENT;
        if (!context.Kernel.Rules.CanBind || argument.Type != ViommuType.Tsm || data.Length > 0) return Errno.EOPNOTSUPP;
        if (context.Find<Hwpt>(argument.HwptId.Value) is not { } parent) return Errno.ENOENT;
        if (!parent.IsNestingParent) return Errno.EINVAL;
        var viommu = new Viommu(parent, argument.Type, device.Vm);
        context.Add(viommu);
        argument.ViommuId = new ViommuId(viommu.Id);
        return SysResult.Ok;
    }

    public SysResult VdeviceAlloc(ref IommuVdeviceAlloc argument)
    {
        if (context.Find<Viommu>(argument.ViommuId.Value) is not { } viommu) return Errno.ENOENT;
        if (context.Find<IommufdDevice>(argument.DevId.Value) is not { } device) return Errno.ENOENT;
        viommu.Calls++;
        device.Calls++;
        try
        {
            using LockHold group = context.Kernel.GroupLock.Acquire();
            if (device.Vdevice is not null || viommu.VirtualIds.Contains(argument.VirtId)) return Errno.EEXIST;
            var vdevice = new Vdevice(viommu, device, argument.VirtId);
            context.Add(vdevice);
            argument.VdeviceId = new VdeviceId(vdevice.Id);
            return SysResult.Ok;
        }
        finally
        {
            device.Calls--;
            viommu.Calls--;
        }
    }

    public SysResult VeventqAlloc(ref IommuVeventqAlloc argument)
    {
        if (argument.Type == VeventqType.Default) return Errno.EOPNOTSUPP;
        if (argument.VeventqDepth is 0 or > MaxEvents) return Errno.EINVAL;
        return context.Find<Viommu>(argument.ViommuId.Value) is null ? Errno.ENOENT : Errno.EOPNOTSUPP;
    }

    public SysResult HwQueueAlloc(ref IommuHwQueueAlloc argument)
    {
        if (argument.Type == HwQueueType.Default) return Errno.EOPNOTSUPP;
        if (argument.Length == 0) return Errno.EINVAL;
        if (argument.NestingParentIova > ulong.MaxValue - (argument.Length - 1)) return Errno.EOVERFLOW;
        return context.Find<Viommu>(argument.ViommuId.Value) is null ? Errno.ENOENT : Errno.EOPNOTSUPP;
    }
}
