using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <content>Page tables. The IOMMU of this machine has no nested translation, no dirty tracking, no PASIDs and no page faults; it answers as Linux does on such hardware.</content>
internal sealed partial class IommufdServer
{
    private const HwptAllocFlags AllocFlags = HwptAllocFlags.AllocNestParent | HwptAllocFlags.AllocDirtyTracking | HwptAllocFlags.FaultIdValid | HwptAllocFlags.AllocPasid;

    public SysResult HwptAlloc(ref IommuHwptAlloc argument, ReadOnlySpan<byte> data)
    {
        if ((argument.Flags & ~AllocFlags) != 0) return Errno.EOPNOTSUPP;
        bool hasData = argument.DataType != HwptDataType.None;
        if (hasData != (data.Length > 0)) return Errno.EINVAL;
        if (context.Find<IommufdDevice>(argument.DevId.Value) is null) return Errno.ENOENT;
        if (context.Find<IommufdObject>(argument.PtId.Value) is not { } parent) return Errno.ENOENT;
        if (argument.Flags.HasFlag(HwptAllocFlags.FaultIdValid) && context.Find<FaultQueue>(argument.FaultId.Value) is null) return Errno.ENOENT;
        if (parent is Hwpt or Viommu) return Errno.EOPNOTSUPP;
        if (parent is not Ioas ioas) return Errno.EINVAL;
        if (hasData || (argument.Flags & ~HwptAllocFlags.AllocNestParent) != 0) return Errno.EOPNOTSUPP;
        var hwpt = new Hwpt(ioas, argument.Flags.HasFlag(HwptAllocFlags.AllocNestParent));
        context.Add(hwpt);
        argument.HwptId = new HwptId(hwpt.Id);
        return SysResult.Ok;
    }

    public SysResult GetHwInfo(ref IommuHwInfo argument, Span<byte> data)
    {
        if ((argument.Flags & ~HwInfoFlags.InputType) != 0) return Errno.EOPNOTSUPP;
        if (context.Find<IommufdDevice>(argument.DevId.Value) is null) return Errno.ENOENT;
        if (argument.Flags.HasFlag(HwInfoFlags.InputType) && argument.InDataType != HwInfoType.None) return Errno.EOPNOTSUPP;
        data.Clear();
        argument.DataLen = 0;
        argument.DataType = HwInfoType.None;
        argument.MaxPasidLog2 = 0;
        argument.Capabilities = default;
        return SysResult.Ok;
    }

    public SysResult HwptSetDirtyTracking(ref IommuHwptSetDirtyTracking argument)
    {
        if ((argument.Flags & ~DirtyTrackingFlags.Enable) != 0) return Errno.EOPNOTSUPP;
        return context.Find<Hwpt>(argument.HwptId.Value) is null ? Errno.ENOENT : Errno.EOPNOTSUPP;
    }

    public SysResult HwptGetDirtyBitmap(ref IommuHwptGetDirtyBitmap argument)
    {
        if ((argument.Flags & ~DirtyBitmapFlags.NoClear) != 0) return Errno.EOPNOTSUPP;
        return context.Find<Hwpt>(argument.HwptId.Value) is null ? Errno.ENOENT : Errno.EOPNOTSUPP;
    }

    public SysResult HwptInvalidate(ref IommuHwptInvalidate argument)
    {
        uint entries = argument.EntryNum;
        argument.EntryNum = 0;
        if (entries > 0 && (argument.DataUptr == 0 || argument.EntryLen == 0)) return Errno.EINVAL;
        return context.Find<IommufdObject>(argument.HwptId.Value) switch
        {
            null => Errno.ENOENT,
            Viommu => Errno.EOPNOTSUPP,
            _ => Errno.EINVAL,
        };
    }

    public SysResult FaultQueueAlloc(ref IommuFaultAlloc argument)
    {
        var queue = new FaultQueue();
        context.Add(queue);
        argument.FaultId = new FaultId(queue.Id);
        argument.FaultFd = file.Owner.Install(new FaultQueueFile(file.Owner, file, queue), out _);
        return SysResult.Ok;
    }
}
