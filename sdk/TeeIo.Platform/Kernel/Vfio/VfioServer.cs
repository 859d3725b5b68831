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

    public SysResult GetInfo(ref VfioDeviceInfo argument)
    {
        argument.Flags = VfioDeviceFlags.Pci | (file.Device.CanReset ? VfioDeviceFlags.Reset : VfioDeviceFlags.None);
        (argument.NumRegions, argument.NumIrqs, argument.CapOffset) = (Regions, VfioInterrupts.Count, 0);
        return SysResult.Ok;
    }

    public SysResult GetRegionInfo(ref VfioRegionInfo argument)
    {
        // No function of the machine is a display.
        if (argument.Index >= (uint)VfioPciRegion.VgaRegionIndex) return Errno.EINVAL;
        var region = (VfioPciRegion)argument.Index;
        argument.Size = file.RegionSize(region);
        argument.Offset = VfioFile.RegionOffset(region);
        argument.Flags = VfioRegionFlags.None;
        if (argument.Size > 0) argument.Flags = VfioRegionFlags.Read | VfioRegionFlags.Write;
        if (argument.Size > 0 && region <= VfioPciRegion.Bar5RegionIndex) argument.Flags |= VfioRegionFlags.Mmap;
        return SysResult.Ok;
    }

    public SysResult GetIrqInfo(ref VfioIrqInfo argument)
    {
        if (argument.Index >= VfioInterrupts.Count) return Errno.EINVAL;
        var index = (VfioPciIrq)argument.Index;
        argument.Count = file.Interrupts.Vectors(index);
        argument.Flags = VfioIrqInfoFlags.Eventfd | (index == VfioPciIrq.IntxIrqIndex ? VfioIrqInfoFlags.Maskable | VfioIrqInfoFlags.Automasked : VfioIrqInfoFlags.Noresize);
        return SysResult.Ok;
    }

    public SysResult SetIrqs(ref VfioIrqSet argument, ReadOnlySpan<Fd> data) => file.Interrupts.Set(argument, data);

    public SysResult Reset()
    {
        if (!file.Device.CanReset) return Errno.EINVAL;
        using LockHold group = file.Owner.Kernel.GroupLock.Acquire();
        return file.Device.Reset(ResetKind.Function);
    }

    /// <remarks>All functions of the machine are on one bus, and the reset takes them all: so all must be in VFIO's hands, and those in use in this user's.</remarks>
    public SysResult PciHotReset(ref VfioPciHotReset argument, ReadOnlySpan<Fd> groupFds)
    {
        if (!groupFds.IsEmpty) return Errno.EINVAL;
        if (!file.Device.HasBridge) return Errno.ENODEV;
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
        const VfioFeatureFlags GetAndSet = VfioFeatureFlags.Get | VfioFeatureFlags.Set;
        VfioFeatureFlags how = argument.Flags & ~VfioFeatureFlags.Mask;
        bool isProbe = how.HasFlag(VfioFeatureFlags.Probe);
        if ((how & ~(GetAndSet | VfioFeatureFlags.Probe)) != 0 || (!isProbe && (how & GetAndSet) == GetAndSet)) return Errno.EINVAL;
        if ((VfioFeature)(argument.Flags & VfioFeatureFlags.Mask) != VfioFeature.DmaBuf) return Errno.ENOTTY;
        return isProbe && !how.HasFlag(VfioFeatureFlags.Set) ? SysResult.Ok : Errno.EINVAL;
    }

    public SysResult FeatureDmaBuf(ref VfioDeviceFeatureDmaBuf argument, ReadOnlySpan<VfioRegionDmaRange> dmaRanges)
    {
        if (dmaRanges.IsEmpty) return Errno.EINVAL;
        if (argument.RegionIndex > VfioPciRegion.Bar5RegionIndex) return Errno.ENODEV;
        ulong size = file.RegionSize(argument.RegionIndex);
        if (size == 0) return Errno.ENODEV;
        ulong total = 0;
        foreach (VfioRegionDmaRange range in dmaRanges)
        {
            if (range.Length == 0 || range.Length % PhysicalMemory.PageSize != 0 || range.Offset % PhysicalMemory.PageSize != 0 || range.Length > long.MaxValue - total) return Errno.EINVAL;
            total += range.Length;
        }

        // Linux adds the BAR's own address, so that a range past the end of the address space overflows.
        ulong start = file.Device.Function.BarAddress((int)argument.RegionIndex);
        var ranges = new (ulong Offset, ulong Length)[dmaRanges.Length];
        for (int i = 0; i < ranges.Length; i++)
        {
            VfioRegionDmaRange range = dmaRanges[i];
            if (range.Offset > ulong.MaxValue - start || range.Length > ulong.MaxValue - start - range.Offset) return Errno.EOVERFLOW;
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
        if (argument.Iommufd.Value < 0 || argument.Flags != VfioBindFlags.None || file.Bound is not null) return Errno.EINVAL;
        if (file.Owner.File(argument.Iommufd) is not { } target) return Errno.EBADF;
        if (target is not IommufdFile iommufd) return Errno.EBADFD;
        if (file.Device.User is not null) return Errno.EINVAL;
        argument.Devid = new DeviceId(file.Bind(iommufd).Id);
        return SysResult.Ok;
    }

    /// <remarks>No function of the machine has PASIDs.</remarks>
    public SysResult AttachIommufdPt(ref VfioDeviceAttachIommufdPt argument)
    {
        if ((argument.Flags & ~VfioAttachFlags.Pasid) != 0 || file.Bound is not { } device) return Errno.EINVAL;
        if (file.Context!.Find<IommufdObject>(argument.PtId.Value) is not { } target) return Errno.ENOENT;
        if (argument.Flags.HasFlag(VfioAttachFlags.Pasid)) return Errno.EINVAL;
        SysResult attached = device.Attach(target, out Hwpt? table);
        if (attached.IsOk) argument.PtId = new HwptId(table!.Id);
        return attached;
    }

    public SysResult DetachIommufdPt(ref VfioDeviceDetachIommufdPt argument)
    {
        if ((argument.Flags & ~VfioDetachFlags.Pasid) != 0 || file.Bound is not { } device) return Errno.EINVAL;
        if (!argument.Flags.HasFlag(VfioDetachFlags.Pasid)) device.Detach();
        return SysResult.Ok;
    }
}
