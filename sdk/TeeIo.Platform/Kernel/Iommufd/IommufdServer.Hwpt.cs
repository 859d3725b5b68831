using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <content>Page tables. The IOMMU of this machine has no nested translation, no dirty tracking, no PASIDs and no page faults; it answers as Linux does on such hardware.</content>
internal sealed partial class IommufdServer
{
    public SysResult HwptAlloc(ref IommuHwptAlloc argument, ReadOnlySpan<byte> data)
    {
        if ((argument.DataType != HwptDataType.None) != (data.Length > 0)) return Errno.EINVAL;
        if (context.Find<IommufdDevice>(argument.DevId.Value) is null) return Errno.ENOENT;
        return context.Find<IommufdObject>(argument.PtId.Value) switch
        {
            Ioas ioas => AllocPaging(ioas, ref argument, hasData: data.Length > 0),
            Hwpt parent => RefuseNested(parent, argument.Flags, data.Length > 0),
            Viommu => Errno.EOPNOTSUPP,
            _ => Errno.EINVAL,
        };
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
        if (context.Find<Hwpt>(argument.HwptId.Value) is not { } table) return Errno.ENOENT;
        if (argument.Length == 0) return Errno.EINVAL;
        if (argument.Iova > ulong.MaxValue - (argument.Length - 1)) return Errno.EOVERFLOW;
        bool isWhole = IsWhole(argument.Iova, argument.Length, table.Ioas.Alignment) && IsWhole(argument.Iova, argument.Length, argument.PageSize);
        return isWhole ? Errno.EOPNOTSUPP : Errno.EINVAL;
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

    /// <summary>Whether a range begins and ends where a page of some size does, which the kernel takes for a power of two.</summary>
    private static bool IsWhole(ulong start, ulong length, ulong page) => page != 0 && ((start | (start + length)) & (page - 1)) == 0;

    /// <remarks>There are nesting parents, since vIOMMUs of the trusted kind want one, but no nested page tables.</remarks>
    private static SysResult RefuseNested(Hwpt parent, HwptAllocFlags flags, bool hasData)
    {
        bool isSupported = (flags & ~(HwptAllocFlags.FaultIdValid | HwptAllocFlags.AllocPasid)) == 0 && hasData;
        return isSupported && !parent.IsNestingParent ? Errno.EINVAL : Errno.EOPNOTSUPP;
    }

    private SysResult AllocPaging(Ioas ioas, ref IommuHwptAlloc argument, bool hasData)
    {
        bool isNestingParent = argument.Flags.HasFlag(HwptAllocFlags.AllocNestParent);
        bool hasFaults = argument.Flags.HasFlag(HwptAllocFlags.FaultIdValid);
        const HwptAllocFlags Supported = HwptAllocFlags.AllocNestParent | HwptAllocFlags.FaultIdValid | HwptAllocFlags.AllocPasid;
        if ((argument.Flags & ~Supported) != 0 || hasData || (isNestingParent && hasFaults)) return Errno.EOPNOTSUPP;
        FaultQueue? faults = hasFaults ? context.Find<FaultQueue>(argument.FaultId.Value) : null;
        SysResult made = Hwpt.Create(ioas, isNestingParent, isAutomatic: false, faults, out Hwpt? table);
        if (!made.IsOk) return made;
        if (hasFaults && faults is null)
        {
            table!.Destroy();
            return Errno.ENOENT;
        }

        context.Add(table!);
        argument.HwptId = new HwptId(table!.Id);
        return SysResult.Ok;
    }
}
