using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>Hardware page tables of the mock IOMMU, and what it tells of itself.</summary>
internal static class PageTableCases
{
    private const HwptDataType MockData = (HwptDataType)IommufdSelftestConstants.HwptData;
    private const InvalidateDataType MockInvalidation = (InvalidateDataType)IommufdSelftestConstants.InvalidateData;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMU_HWPT_ALLOC: a page table of an IOAS maps what the IOAS maps", FromIoas),
        new("IOMMU_HWPT_ALLOC: a nested one carries its own data and holds on to its parent", Nested),
        new("IOMMU_HWPT_ALLOC: each way to fail that the spec lists", AllocErrors),
        new("IOMMU_GET_HW_INFO: what the mock IOMMU tells arrives whole, in part, and with a zeroed rest", HwInfo),
        new("IOMMU_HWPT_INVALIDATE: entries are handled in order up to the one that fails, and counted", Invalidate),
        new("IOMMU_HWPT_INVALIDATE: each way to fail that the spec lists", InvalidateErrors),
    ];

    /// <summary>A nested page table whose cache holds <paramref name="iotlb"/>.</summary>
    public static HwptId MakeNested(Iommu iommu, DeviceId device, HwptParentId parent, uint iotlb, FaultId? fault = null)
    {
        IommuHwptSelftest data = new() { Iotlb = iotlb };
        return iommu.Calls.HwptAlloc(fault is null ? HwptAllocFlags.None : HwptAllocFlags.FaultIdValid, device, parent, MockData, Bytes(ref data), fault ?? default);
    }

    public static Span<byte> Bytes<T>(ref T record)
        where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref record));

    private static void FromIoas()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        using UserMemory memory = Iommu.Memory(3);
        HwptId hwpt = iommu.Hwpt(device, HwptAllocFlags.None);
        ulong iova = iommu.Map(device.Ioas, memory);
        iommu.Mock.CheckMap(hwpt.Value, iova, memory.Length, memory, 0);
        PageTableId table = hwpt;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        Assert.Equal(hwpt.Value, table.Value);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(hwpt).Errno);
        table = device.Ioas;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Calls.Destroy(hwpt);
    }

    private static void Nested()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId parent = iommu.Hwpt(device, HwptAllocFlags.AllocNestParent);
        HwptId nested = MakeNested(iommu, device.Device, parent, 77);
        iommu.Mock.CheckIotlb(nested.Value, 0, 77);
        Assert.Equal(Errno.EINVAL, iommu.Mock.TryCheckIotlb(nested.Value, 0, 78).Errno);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(parent).Errno);
        PageTableId table = nested;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(nested).Errno);
        table = device.Ioas;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Calls.Destroy(nested);
        iommu.Calls.Destroy(parent);
    }

    private static void AllocErrors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId parent = iommu.Hwpt(device, HwptAllocFlags.AllocNestParent);
        HwptId plain = iommu.Hwpt(device, HwptAllocFlags.None);
        IommuHwptSelftest data = default;
        byte[] bytes = Bytes(ref data).ToArray();
        Errno Alloc(HwptAllocFlags flags, DeviceId id, HwptParentId from, HwptDataType type, byte[] of, FaultId fault = default) => iommu.Calls.TryHwptAlloc(flags, id, from, out _, type, of, fault).Errno;
        IoasId odd = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(1);
        ulong unaligned = (1 << 24) + 1;
        iommu.Calls.IoasMap(IoasMapFlags.Readable | IoasMapFlags.FixedIova, odd, memory, 0, 10, ref unaligned);
        Assert.Equal(Errno.EADDRINUSE, Alloc(HwptAllocFlags.None, device.Device, odd, HwptDataType.None, []));
        Assert.Equal(Errno.ENOENT, Alloc(HwptAllocFlags.None, new DeviceId(99), device.Ioas, HwptDataType.None, []));
        Assert.Equal(Errno.EINVAL, Alloc(HwptAllocFlags.None, device.Device, new IoasId(99), HwptDataType.None, []));
        Assert.Equal(Errno.EINVAL, Alloc(HwptAllocFlags.None, device.Device, new HwptParentId(device.Device.Value), HwptDataType.None, []));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc((HwptAllocFlags)(1 << 30), device.Device, device.Ioas, HwptDataType.None, []));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(HwptAllocFlags.None, device.Device, parent, (HwptDataType)77, bytes));
        Assert.Equal(Errno.EINVAL, Alloc(HwptAllocFlags.None, device.Device, parent, HwptDataType.None, bytes));
        Assert.Equal(Errno.EINVAL, Alloc(HwptAllocFlags.None, device.Device, parent, MockData, bytes[..1]));
        Assert.Equal(Errno.EINVAL, Alloc(HwptAllocFlags.None, device.Device, plain, MockData, bytes));
        Assert.Equal(Errno.ENOENT, Alloc(HwptAllocFlags.FaultIdValid, device.Device, parent, MockData, bytes, new FaultId(99)));
    }

    private static void HwInfo()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        byte[] data = new byte[IommuTestHwInfo.ByteSize];
        iommu.Calls.GetHwInfo(HwInfoFlags.None, device.Device, out uint length, data, HwInfoType.None, out HwInfoType type, out _, out HwCapabilities capabilities);
        Assert.Equal((uint)IommuTestHwInfo.ByteSize, length);
        Assert.Equal(unchecked((HwInfoType)IommufdSelftestConstants.HwInfoType), type);
        Assert.True(IommuTestHwInfo.TryRead(data, out IommuTestHwInfo info));
        Assert.Equal((uint)IommufdSelftestConstants.HwInfoRegval, info.TestReg);
        Assert.True(capabilities.HasFlag(HwCapabilities.DirtyTracking));
        byte[] larger = [.. Enumerable.Repeat((byte)0xAA, 64)];
        iommu.Calls.GetHwInfo(HwInfoFlags.None, device.Device, out length, larger, HwInfoType.None, out _, out _, out _);
        Assert.Equal((uint)IommuTestHwInfo.ByteSize, length);
        Assert.All(larger[IommuTestHwInfo.ByteSize..], b => Assert.Equal(0, b));
        byte[] smaller = new byte[4];
        iommu.Calls.GetHwInfo(HwInfoFlags.None, device.Device, out length, smaller, HwInfoType.None, out _, out _, out _);
        Assert.Equal((uint)IommuTestHwInfo.ByteSize, length);
        iommu.Calls.GetHwInfo(HwInfoFlags.InputType, device.Device, out _, data, unchecked((HwInfoType)IommufdSelftestConstants.HwInfoType), out _, out _, out _);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryGetHwInfo(HwInfoFlags.InputType, device.Device, out _, data, HwInfoType.IntelVtd, out _, out _, out _).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryGetHwInfo((HwInfoFlags)(1 << 9), device.Device, out _, data, HwInfoType.None, out _, out _, out _).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryGetHwInfo(HwInfoFlags.None, new DeviceId(99), out _, data, HwInfoType.None, out _, out _, out _).Errno);
    }

    private static void Invalidate()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId nested = MakeNested(iommu, device.Device, iommu.Hwpt(device, HwptAllocFlags.AllocNestParent), 77);
        Assert.Equal((1u, Errno.EOPNOTSUPP), Entries(iommu, nested, new() { IotlbId = 0 }, new() { IotlbId = 1, Flags = 1u << 31 }));
        iommu.Mock.CheckIotlb(nested.Value, 0, 0);
        iommu.Mock.CheckIotlb(nested.Value, 1, 77);
        Assert.Equal((2u, Errno.Ok), Entries(iommu, nested, new() { IotlbId = 1 }, new() { IotlbId = 3 }));
        iommu.Mock.CheckIotlb(nested.Value, 3, 0);
        iommu.Mock.CheckIotlb(nested.Value, 2, 77);
        Assert.Equal((1u, Errno.Ok), Entries(iommu, nested, new IommuHwptInvalidateSelftest { Flags = 1 }));
        iommu.Mock.CheckIotlb(nested.Value, 2, 0);
        Assert.Equal((0u, Errno.Ok), Entries(iommu, nested));
    }

    private static void InvalidateErrors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId parent = iommu.Hwpt(device, HwptAllocFlags.AllocNestParent);
        HwptId nested = MakeNested(iommu, device.Device, parent, 77);
        using UserMemory entries = Iommu.Memory(1);
        Errno Try(InvalidationTargetId target, InvalidateDataType type, uint length, UserMemory? memory, uint count = 1)
        {
            Errno error = iommu.Calls.TryHwptInvalidate(target, memory, 0, type, length, ref count).Errno;
            Assert.Equal(0u, count);
            return error;
        }

        uint size = IommuHwptInvalidateSelftest.ByteSize;
        Assert.Equal(Errno.ENOENT, Try(new HwptId(99), MockInvalidation, size, entries));
        Assert.Equal(Errno.EINVAL, Try(parent, MockInvalidation, size, entries));
        Assert.Equal(Errno.EINVAL, Try(nested, InvalidateDataType.HwptInvalidateDataVtdS1, size, entries));
        Assert.Equal(Errno.EINVAL, Try(nested, MockInvalidation, size, null));
        Assert.Equal(Errno.EINVAL, Try(nested, MockInvalidation, 0, entries));
        Assert.Equal(Errno.EINVAL, Try(nested, MockInvalidation, 1, entries));
        Assert.Equal(Errno.EOPNOTSUPP, Try(nested, MockInvalidation, size, entries));
    }

    private static (uint Handled, Errno Error) Entries(Iommu iommu, HwptId nested, params IommuHwptInvalidateSelftest[] entries)
    {
        using UserMemory memory = Iommu.Memory(1);
        memory.Write(0, MemoryMarshal.AsBytes(entries.AsSpan()));
        uint count = (uint)entries.Length;
        Errno error = iommu.Calls.TryHwptInvalidate(nested, memory, 0, MockInvalidation, IommuHwptInvalidateSelftest.ByteSize, ref count).Errno;
        return (count, error);
    }
}
