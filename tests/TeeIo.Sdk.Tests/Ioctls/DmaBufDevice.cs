using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Vfio;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>A device of which only dma-bufs and features matter: it keeps what it is asked for, and answers a feature in what follows its record.</summary>
internal sealed class DmaBufDevice : IVfioDeviceServer
{
    public VfioDeviceFeatureDmaBuf Asked { get; private set; }

    public VfioRegionDmaRange[] Ranges { get; private set; } = [];

    public SysResult FeatureDmaBuf(ref VfioDeviceFeatureDmaBuf argument, ReadOnlySpan<VfioRegionDmaRange> dmaRanges)
    {
        (Asked, Ranges) = (argument, dmaRanges.ToArray());
        return SysResult.Of(5);
    }

    public SysResult FeatureOther(ref VfioDeviceFeature argument, Span<byte> rest)
    {
        rest.Reverse();
        return SysResult.Ok;
    }

    public SysResult GetInfo(ref VfioDeviceInfo argument) => Errno.EINVAL;

    public SysResult GetRegionInfo(ref VfioRegionInfo argument) => Errno.EINVAL;

    public SysResult GetIrqInfo(ref VfioIrqInfo argument) => Errno.EINVAL;

    public SysResult SetIrqs(ref VfioIrqSet argument, ReadOnlySpan<Fd> data) => Errno.EINVAL;

    public SysResult Reset() => Errno.EINVAL;

    public SysResult PciHotReset(ref VfioPciHotReset argument, ReadOnlySpan<Fd> groupFds) => Errno.EINVAL;

    public SysResult BindIommufd(ref VfioDeviceBindIommufd argument, ReadOnlySpan<VfioTokenUuid> tokenUuid) => Errno.EINVAL;

    public SysResult AttachIommufdPt(ref VfioDeviceAttachIommufdPt argument) => Errno.EINVAL;

    public SysResult DetachIommufdPt(ref VfioDeviceDetachIommufdPt argument) => Errno.EINVAL;
}
