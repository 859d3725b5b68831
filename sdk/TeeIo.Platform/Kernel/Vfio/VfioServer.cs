using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.PciCore;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Iommufd;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel.Vfio;

/// <summary>VFIO's calls on a device's own file.</summary>
internal sealed class VfioServer(VfioFile file) : IVfioDeviceServer
{
    private const uint Regions = (uint)VfioPciRegion.VgaRegionIndex + 1;
    private const uint Interrupts = (uint)VfioPciIrq.ReqIrqIndex + 1;

    public SysResult GetInfo(ref VfioDeviceInfo argument)
    {
        if (file.Bound is null) return Errno.EINVAL;
        argument.Flags = VfioDeviceFlags.Reset | VfioDeviceFlags.Pci;
        (argument.NumRegions, argument.NumIrqs, argument.CapOffset) = (Regions, Interrupts, 0);
        return SysResult.Ok;
    }

    public SysResult GetRegionInfo(ref VfioRegionInfo argument)
    {
        if (file.Bound is null || argument.Index >= Regions) return Errno.EINVAL;
        var region = (VfioPciRegion)argument.Index;
        argument.Size = file.RegionSize(region);
        argument.Offset = VfioFile.RegionOffset(region);
        argument.CapOffset = 0;
        argument.Flags = VfioRegionFlags.None;
        if (argument.Size > 0) argument.Flags = VfioRegionFlags.Read | VfioRegionFlags.Write;
        if (argument.Size > 0 && region <= VfioPciRegion.Bar5RegionIndex) argument.Flags |= VfioRegionFlags.Mmap;
        return SysResult.Ok;
    }

    public SysResult GetIrqInfo(ref VfioIrqInfo argument)
    {
        if (file.Bound is null || argument.Index >= Interrupts) return Errno.EINVAL;
        argument.Count = VectorCount(argument.Index);
        argument.Flags = argument.Count == 0 ? VfioIrqInfoFlags.None : VfioIrqInfoFlags.Eventfd | VfioIrqInfoFlags.Noresize;
        return SysResult.Ok;
    }

    /// <remarks>The platform has no eventfds: vectors can be disconnected, and a descriptor that is no eventfd is refused as the kernel does.</remarks>
    public SysResult SetIrqs(ref VfioIrqSet argument, ReadOnlySpan<Fd> data)
    {
        if (file.Bound is null || argument.Index >= Interrupts) return Errno.EINVAL;
        const VfioIrqSetFlags Kinds = VfioIrqSetFlags.DataNone | VfioIrqSetFlags.DataBool | VfioIrqSetFlags.DataEventfd;
        const VfioIrqSetFlags Actions = VfioIrqSetFlags.ActionMask | VfioIrqSetFlags.ActionUnmask | VfioIrqSetFlags.ActionTrigger;
        if (!uint.IsPow2((uint)(argument.Flags & Kinds)) || !uint.IsPow2((uint)(argument.Flags & Actions)) || (argument.Flags & ~(Kinds | Actions)) != 0) return Errno.EINVAL;
        uint vectors = VectorCount(argument.Index);
        if (argument.Start > vectors || argument.Count > vectors - argument.Start) return Errno.EINVAL;
        if (!argument.Flags.HasFlag(VfioIrqSetFlags.DataEventfd)) return SysResult.Ok;
        foreach (Fd fd in data)
        {
            if (fd.Value >= 0) return file.Owner.File(fd) is null ? Errno.EBADF : Errno.EINVAL;
        }

        return SysResult.Ok;
    }

    public SysResult Reset()
    {
        if (file.Bound is null) return Errno.EINVAL;
        using LockHold group = file.Owner.Kernel.GroupLock.Acquire();
        return file.Device.Reset(ResetKind.Function);
    }

    /// <remarks>All functions of the machine are on one bus, and the reset takes them all: so all must be in VFIO's hands, and those in use in this user's.</remarks>
    public SysResult PciHotReset(ref VfioPciHotReset argument, ReadOnlySpan<Fd> groupFds)
    {
        if (file.Bound is null || !groupFds.IsEmpty) return Errno.EINVAL;
        IReadOnlyList<VfioDevice> devices = [.. file.Owner.Kernel.Devices.Where(d => !d.IsGone)];
        bool isHostsOwn = devices.Any(d => !devices.Any(other => ReferenceEquals(other.Tsm, d.Tsm.Dsm)));
        if (isHostsOwn || devices.Any(d => d.User is { } user && user.Context != file.Context)) return Errno.EINVAL;
        using LockHold group = file.Owner.Kernel.GroupLock.Acquire();
        if (devices.Any(d => d.IsBound)) return Errno.EBUSY;
        SysResult result = SysResult.Ok;
        foreach (VfioDevice device in devices)
        {
            SysResult reset = device.Reset(ResetKind.Bus);
            if (result.IsOk) result = reset;
        }

        return result;
    }

    public SysResult FeatureOther(ref VfioDeviceFeature argument, Span<byte> rest)
    {
        if (file.Bound is null) return Errno.EINVAL;
        var feature = (VfioFeature)(argument.Flags & VfioFeatureFlags.Mask);
        if (feature != VfioFeature.DmaBuf) return Errno.ENOTTY;
        bool isGetProbe = (argument.Flags & ~VfioFeatureFlags.Mask) == (VfioFeatureFlags.Get | VfioFeatureFlags.Probe);
        return isGetProbe || (argument.Flags & ~VfioFeatureFlags.Mask) == VfioFeatureFlags.Probe ? SysResult.Ok : Errno.EINVAL;
    }

    public SysResult FeatureDmaBuf(ref VfioDeviceFeatureDmaBuf argument, ReadOnlySpan<VfioRegionDmaRange> dmaRanges)
    {
        if (file.Bound is null) return Errno.EINVAL;
        if (argument.RegionIndex > VfioPciRegion.Bar5RegionIndex) return Errno.ENODEV;
        if (dmaRanges.IsEmpty) return Errno.EINVAL;
        ulong size = file.RegionSize(argument.RegionIndex);
        var ranges = new (ulong Offset, ulong Length)[dmaRanges.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            VfioRegionDmaRange range = dmaRanges[i];
            if (range.Length == 0 || range.Length % PhysicalMemory.PageSize != 0 || range.Offset % PhysicalMemory.PageSize != 0) return Errno.EINVAL;
            if (range.Offset > ulong.MaxValue - range.Length) return Errno.EOVERFLOW;
            if (range.Offset + range.Length > size) return Errno.EINVAL;
            ranges[i] = (range.Offset, range.Length);
        }

        var buffer = new VfioDmaBuffer(file.Owner.Kernel.NextBufferId(), file.Device, (int)argument.RegionIndex, ranges) { IsRevoked = !file.Device.DecodesMemory };
        file.Device.Buffers.Add(buffer);
        return file.Owner.Install(new VfioDmaBufFile(file.Owner, buffer));
    }

    public SysResult BindIommufd(ref VfioDeviceBindIommufd argument, ReadOnlySpan<VfioTokenUuid> tokenUuid)
    {
        // No function of the machine has a token, and one that isn't asked for is refused.
        if (argument.Flags != VfioBindFlags.None) return Errno.EINVAL;
        if (file.Bound is not null || file.Device.User is not null) return Errno.EINVAL;
        if (file.Owner.File(argument.Iommufd) is not { } target) return Errno.EBADF;
        if (target is not IommufdFile iommufd) return Errno.EBADFD;
        argument.Devid = new DeviceId(file.Bind(iommufd).Id);
        return SysResult.Ok;
    }

    public SysResult AttachIommufdPt(ref VfioDeviceAttachIommufdPt argument)
    {
        if (argument.Flags == VfioAttachFlags.Pasid) return Errno.EOPNOTSUPP;
        if (argument.Flags != VfioAttachFlags.None || file.Bound is not { } device) return Errno.EINVAL;
        return file.Context!.Find<IommufdObject>(argument.PtId.Value) switch
        {
            null => Errno.ENOENT,
            Ioas ioas => device.Attach(ioas),
            Hwpt hwpt => device.Attach(hwpt),
            _ => Errno.EINVAL,
        };
    }

    public SysResult DetachIommufdPt(ref VfioDeviceDetachIommufdPt argument)
    {
        if (argument.Flags != VfioDetachFlags.None || file.Bound is not { } device) return Errno.EINVAL;
        device.Detach();
        return SysResult.Ok;
    }

    private uint VectorCount(uint index) => index == (uint)VfioPciIrq.MsixIrqIndex ? (uint)file.Device.Function.InterruptVectors : 0;
}
