using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>vIOMMUs of the mock, their devices, events and queues.</summary>
internal static class ViommuCases
{
    private const ViommuType MockType = unchecked((ViommuType)IommufdSelftestConstants.ViommuType);
    private const VeventqType MockEvents = unchecked((VeventqType)IommufdSelftestConstants.VeventqType);
    private const HwQueueType MockQueue = unchecked((HwQueueType)IommufdSelftestConstants.HwQueueType);
    private const ulong Start = IommufdSelftestConstants.ApertureStart;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMU_VIOMMU_ALLOC: data goes in and out, its page can be mapped, and it holds on to its parent", Viommu),
        new("IOMMU_VIOMMU_ALLOC: each way to fail that the spec lists", ViommuErrors),
        new("IOMMU_VDEVICE_ALLOC: one for a device, under a number of its own; a nested page table wants it first", Vdevice),
        new("IOMMU_VDEVICE_ALLOC: with its device gone the id stays taken", Tombstone),
        new("IOMMU_VEVENTQ_ALLOC: an event arrives with the device's number, and lost ones are told", Events),
        new("IOMMU_VEVENTQ_ALLOC: each way to fail that the spec lists", EventErrors),
        new("IOMMU_HW_QUEUE_ALLOC: a queue keeps its guest memory mapped", Queue),
        new("IOMMU_HW_QUEUE_ALLOC: each way to fail that the spec lists", QueueErrors),
    ];

    private static void Viommu()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId parent = iommu.Hwpt(device, HwptAllocFlags.AllocNestParent);
        IommuViommuSelftest data = new() { InData = 0xBEEF };
        ViommuId viommu = iommu.Calls.ViommuAlloc(MockType, device.Device, parent, PageTableCases.Bytes(ref data));
        Assert.Equal(0xBEEFu, data.Reply);
        using (UserMemory page = Iommu.Linux.Map(iommu.Fd, data.MmapOffset, data.MmapLength, out _)!)
        {
            byte[] bytes = new byte[4];
            page.Read(0, bytes);
            Assert.Equal(0xBEEFu, BitConverter.ToUInt32(bytes));
            Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(viommu).Errno);
        }

        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(parent).Errno);
        iommu.Calls.Destroy(viommu);
        iommu.Calls.Destroy(parent);
    }

    private static void ViommuErrors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        HwptId parent = iommu.Hwpt(device, HwptAllocFlags.AllocNestParent);
        HwptId plain = iommu.Hwpt(device, HwptAllocFlags.None);
        Errno Alloc(ViommuType type, DeviceId id, HwptId hwpt) => iommu.Calls.TryViommuAlloc(type, id, hwpt, out _, []).Errno;
        Assert.Equal(Errno.ENOENT, Alloc(MockType, new DeviceId(99), parent));
        Assert.Equal(Errno.ENOENT, Alloc(MockType, device.Device, new HwptId(99)));
        Assert.Equal(Errno.EINVAL, Alloc(MockType, device.Device, plain));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(ViommuType.Default, device.Device, parent));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(ViommuType.ArmSmmuv3, device.Device, parent));
    }

    private static void Vdevice()
    {
        using Iommu iommu = new();
        (MockDevice device, ViommuId viommu, HwptId nested) = Cast(iommu);
        PageTableId table = nested;
        Assert.Equal(Errno.ENOENT, iommu.Mock.TryMockDomainReplace(device.Mock.Value, ref table).Errno);
        VdeviceId vdevice = iommu.Calls.VdeviceAlloc(viommu, device.Device, 0x99);
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        Assert.Equal(Errno.EEXIST, iommu.Calls.TryVdeviceAlloc(viommu, device.Device, out _, 0x98).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryVdeviceAlloc(viommu, new DeviceId(99), out _, 0x98).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryVdeviceAlloc(new ViommuId(99), device.Device, out _, 0x98).Errno);
        table = device.Ioas;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Calls.Destroy(vdevice);
        Assert.True(iommu.Calls.TryVdeviceAlloc(viommu, device.Device, out _, ulong.MaxValue).IsOk);
    }

    private static void Tombstone()
    {
        using Iommu iommu = new();
        (MockDevice device, ViommuId viommu, _) = Cast(iommu);
        VdeviceId vdevice = iommu.Calls.VdeviceAlloc(viommu, device.Device, 0x99);
        iommu.Calls.Destroy(new ObjectId(device.Mock.Value));
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryDestroy(vdevice).Errno);
        Assert.NotEqual(vdevice.Value, iommu.Calls.IoasAlloc().Value);
    }

    private static void Events()
    {
        using Iommu iommu = new();
        (MockDevice device, ViommuId viommu, HwptId nested) = Cast(iommu);
        iommu.Calls.VeventqAlloc(viommu, MockEvents, 2, out VeventqId id, out Fd queue);
        VdeviceId vdevice = iommu.Calls.VdeviceAlloc(viommu, device.Device, 0x99);
        PageTableId table = nested;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Mock.TriggerVevent(0, device.Device.Value);
        IommufdVeventHeader header = Receive(out uint number);
        Assert.Equal((0x99u, 0u, VeventqFlags.None), (number, header.Sequence, header.Flags));
        for (int i = 0; i < 3; i++) iommu.Mock.TriggerVevent(0, device.Device.Value);
        Assert.Equal(1u, Receive(out _).Sequence);
        Assert.Equal(2u, Receive(out _).Sequence);
        byte[] lost = new byte[64];
        Assert.Equal(IommufdVeventHeader.ByteSize, Iommu.Linux.Receive(queue, lost).Value);
        Assert.True(IommufdVeventHeader.TryRead(lost, out header));
        Assert.True(header.Flags.HasFlag(VeventqFlags.LostEvents));
        table = device.Ioas;
        iommu.Mock.MockDomainReplace(device.Mock.Value, ref table);
        iommu.Calls.Destroy(vdevice);
        Iommu.Close(queue);
        iommu.Calls.Destroy(id);

        IommufdVeventHeader Receive(out uint virtualId)
        {
            byte[] bytes = new byte[IommufdVeventHeader.ByteSize + IommuViommuEventSelftest.ByteSize];
            Assert.Equal(1, LinuxTransport.Wait(queue, TimeSpan.FromSeconds(5)).Value);
            Assert.Equal(bytes.Length, Iommu.Linux.Receive(queue, bytes).Value);
            Assert.True(IommufdVeventHeader.TryRead(bytes, out IommufdVeventHeader found));
            Assert.True(IommuViommuEventSelftest.TryRead(bytes.AsSpan(IommufdVeventHeader.ByteSize), out IommuViommuEventSelftest what));
            virtualId = what.VirtId;
            return found;
        }
    }

    private static void EventErrors()
    {
        using Iommu iommu = new();
        (_, ViommuId viommu, _) = Cast(iommu);
        Errno Alloc(ViommuId of, VeventqType type, uint depth) => iommu.Calls.TryVeventqAlloc(of, type, depth, out _, out _).Errno;
        Assert.Equal(Errno.EINVAL, Alloc(viommu, MockEvents, 0));
        Assert.Equal(Errno.EINVAL, Alloc(viommu, MockEvents, uint.MaxValue));
        Assert.Equal(Errno.ENOENT, Alloc(new ViommuId(99), MockEvents, 2));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(viommu, VeventqType.Default, 2));
        Assert.Equal(Errno.Ok, Alloc(viommu, MockEvents, 2));
        Assert.Equal(Errno.EEXIST, Alloc(viommu, MockEvents, 2));
    }

    private static void Queue()
    {
        using Iommu iommu = new();
        (MockDevice device, ViommuId viommu, _) = Cast(iommu);
        using UserMemory memory = Iommu.Memory(1);
        iommu.Map(device.Ioas, memory, Start);
        HwQueueId queue = iommu.Calls.HwQueueAlloc(viommu, MockQueue, 0, Start, memory.Length);
        ulong length = memory.Length;
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryIoasUnmap(device.Ioas, Start, ref length).Errno);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(viommu).Errno);
        iommu.Calls.Destroy(queue);
        iommu.Unmap(device.Ioas, Start, memory.Length);
    }

    private static void QueueErrors()
    {
        using Iommu iommu = new();
        (MockDevice device, ViommuId viommu, _) = Cast(iommu);
        using UserMemory memory = Iommu.Memory(1);
        Errno Alloc(ViommuId of, HwQueueType type, uint index, ulong iova, ulong length) => iommu.Calls.TryHwQueueAlloc(of, type, index, out _, iova, length).Errno;
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(viommu, HwQueueType.Default, 0, Start, Iommu.Page));
        Assert.Equal(Errno.EOPNOTSUPP, Alloc(viommu, HwQueueType.Tegra241Cmdqv, 0, Start, Iommu.Page));
        Assert.Equal(Errno.EINVAL, Alloc(viommu, MockQueue, 0, Start, 0));
        Assert.Equal(Errno.EOVERFLOW, Alloc(viommu, MockQueue, 0, ulong.MaxValue, Iommu.Page));
        Assert.Equal(Errno.ENOENT, Alloc(new ViommuId(99), MockQueue, 0, Start, Iommu.Page));
        Assert.Equal(Errno.ENOENT, Alloc(viommu, MockQueue, 0, Start, Iommu.Page));
        iommu.Map(device.Ioas, memory, Start);
        Assert.Equal(Errno.EINVAL, Alloc(viommu, MockQueue, IommufdSelftestConstants.HwQueueMax, Start, Iommu.Page));
        Assert.Equal(Errno.Ok, Alloc(viommu, MockQueue, 0, Start, Iommu.Page));
        Assert.Equal(Errno.EEXIST, Alloc(viommu, MockQueue, 0, Start, Iommu.Page));
    }

    /// <summary>A device, a vIOMMU for it, and a nested page table of that.</summary>
    private static (MockDevice Device, ViommuId Viommu, HwptId Nested) Cast(Iommu iommu)
    {
        MockDevice device = iommu.Device();
        ViommuId viommu = iommu.Calls.ViommuAlloc(MockType, device.Device, iommu.Hwpt(device, HwptAllocFlags.AllocNestParent), []);
        return (device, viommu, PageTableCases.MakeNested(iommu, device.Device, viommu, 1));
    }
}
