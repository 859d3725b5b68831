using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>Tracking of pages that a device writes to.</summary>
internal static class DirtyCases
{
    private const ulong Start = IommufdSelftestConstants.ApertureStart;
    private const int Pages = 64;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMU_HWPT_GET_DIRTY_BITMAP: a bit for each page that the device wrote to, cleared by reading unless NO_CLEAR", Bitmap),
        new("IOMMU_HWPT_SET_DIRTY_TRACKING: each way to fail that the spec lists, for both calls", Errors),
    ];

    private static void Bitmap()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        ulong largePages = 0;
        iommu.Calls.Option(OptionId.HugePages, OptionOp.Set, device.Ioas, ref largePages);
        using UserMemory memory = Iommu.Memory(Pages);
        iommu.Map(device.Ioas, memory, Start);
        HwptId hwpt = iommu.Hwpt(device, HwptAllocFlags.AllocDirtyTracking);
        iommu.Calls.HwptSetDirtyTracking(DirtyTrackingFlags.Enable, hwpt);
        using UserMemory bits = Iommu.Linux.Allocate(Iommu.Page);
        const ulong written = 0x8000_0000_0001_0101;
        bits.Write(0, BitConverter.GetBytes(written));
        Assert.Equal(4ul, iommu.Mock.Dirty(hwpt.Value, 0, Start, memory.Length, Iommu.Page, bits, 0));
        Assert.Equal(written, Read(DirtyBitmapFlags.NoClear));
        Assert.Equal(written, Read(DirtyBitmapFlags.None));
        Assert.Equal(0ul, Read(DirtyBitmapFlags.None));
        iommu.Calls.HwptSetDirtyTracking(DirtyTrackingFlags.None, hwpt);

        ulong Read(DirtyBitmapFlags flags)
        {
            byte[] bytes = new byte[8];
            bits.Write(0, bytes);
            iommu.Calls.HwptGetDirtyBitmap(hwpt, flags, Start, memory.Length, Iommu.Page, bits, 0);
            bits.Read(0, bytes);
            return BitConverter.ToUInt64(bytes);
        }
    }

    private static void Errors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        MockDevice without = iommu.Device(MockDeviceFlags.NoDirty);
        HwptId plain = iommu.Hwpt(device, HwptAllocFlags.None);
        HwptId tracking = iommu.Hwpt(device, HwptAllocFlags.AllocDirtyTracking);
        using UserMemory bits = Iommu.Linux.Allocate(Iommu.Page);
        Errno Read(HwptId hwpt, DirtyBitmapFlags flags, ulong iova, ulong length, ulong page) => iommu.Calls.TryHwptGetDirtyBitmap(hwpt, flags, iova, length, page, bits, 0).Errno;
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryHwptAlloc(HwptAllocFlags.AllocDirtyTracking, without.Device, without.Ioas, out _, HwptDataType.None, [], default).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, plain).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, new HwptId(99)).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryHwptSetDirtyTracking((DirtyTrackingFlags)(1 << 9), tracking).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, Read(plain, DirtyBitmapFlags.None, Start, Iommu.Page, Iommu.Page));
        Assert.Equal(Errno.ENOENT, Read(new HwptId(99), DirtyBitmapFlags.None, Start, Iommu.Page, Iommu.Page));
        Assert.Equal(Errno.EOPNOTSUPP, Read(tracking, (DirtyBitmapFlags)(1 << 9), Start, Iommu.Page, Iommu.Page));
        Assert.Equal(Errno.Ok, Read(tracking, DirtyBitmapFlags.None, Start, Iommu.Page, Iommu.Page));
        iommu.Calls.HwptSetDirtyTracking(DirtyTrackingFlags.Enable, tracking);
        Assert.Equal(Errno.EINVAL, Read(tracking, DirtyBitmapFlags.None, Start, Iommu.Page, 0));
        Assert.Equal(Errno.EINVAL, Read(tracking, DirtyBitmapFlags.None, Start, 0, Iommu.Page));
        Assert.Equal(Errno.EOVERFLOW, Read(tracking, DirtyBitmapFlags.None, ulong.MaxValue - Iommu.Page + 1, 2 * Iommu.Page, Iommu.Page));
    }
}
