using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>Page tables, those that the kernel makes for a device and those that are asked for.</summary>
internal static class PageTableScripts
{
    private const ulong Page = Session.Page;
    private const ulong At = 1 << 24;
    private static readonly DeviceId s_noDevice = new(77);
    private static readonly IoasId s_noIoas = new(77);

    public static IReadOnlyList<Script> All { get; } =
    [
        new("hwpt: made by attaching, gone by detaching", Automatic),
        new("hwpt: asked for", Asked),
        new("hwpt: a nesting parent", NestingParent),
        new("hwpt: order of alloc's errors", AllocErrors),
        new("hwpt: two devices", TwoDevices),
        new("hwpt: dirty pages", Dirty),
        new("hwpt: invalidation", Invalidate),
        new("hwpt: page faults", Faults),
        new("hwpt: what the hardware is", HardwareInfo),
        new("hwpt: errors of asking what the hardware is", HardwareInfoErrors),
    ];

    private static void Alloc(IommufdClient iommu, DeviceId device, HwptParentId parent, HwptAllocFlags flags = HwptAllocFlags.None) =>
        iommu.TryHwptAlloc(flags, device, parent, out _, HwptDataType.None, [], default);

    private static void Automatic(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId first);
        iommu.TryIoasAlloc(out IoasId second);
        PageTableId table = VfioScripts.Attach(device, first);
        iommu.TryDestroy(first);
        iommu.TryDestroy(new ObjectId(table.Value));
        iommu.TryDestroy(new ObjectId(id.Value));
        VfioScripts.Attach(device, first);
        VfioScripts.Attach(device, table);
        VfioScripts.Attach(device, second);
        iommu.TryDestroy(first);
        VfioScripts.Attach(device, new PageTableId(77));
        VfioScripts.Attach(device, new PageTableId(id.Value));
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        iommu.TryIoasAlloc(out IoasId third);
        iommu.TryDestroy(second);
        VfioScripts.Attach(device, third);
        iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, new HwptId(table.Value));
    }

    private static void Asked(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId first, HwptDataType.None, [], default);
        IoasScripts.Ranges(s, iommu, ioas);
        iommu.TryDestroy(ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId second, HwptDataType.None, [], default);
        IoasScripts.Map(s, iommu, ioas, 0xFEE0_0000, Page);
        VfioScripts.Attach(device, first);
        IoasScripts.Unmap(iommu, ioas, 0xFEE0_0000, Page);
        VfioScripts.Attach(device, first);
        IoasScripts.Ranges(s, iommu, ioas);
        iommu.TryDestroy(first);
        VfioScripts.Attach(device, second);
        iommu.TryDestroy(first);
        VfioScripts.Attach(device, ioas);
        iommu.TryDestroy(second);
        IoasScripts.Map(s, iommu, ioas, At + 1, Page);
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        IoasScripts.Ranges(s, iommu, ioas);
        IoasScripts.Map(s, iommu, ioas, At + 1, Page);
        Alloc(iommu, id, ioas);
        iommu.TryDestroy(ioas);
    }

    private static void NestingParent(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.AllocNestParent, id, ioas, out _, HwptDataType.None, [], default);
        Alloc(iommu, id, ioas, HwptAllocFlags.AllocNestParent | HwptAllocFlags.AllocDirtyTracking);
    }

    private static void AllocErrors(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId hwpt, HwptDataType.None, [], default);
        iommu.TryFaultQueueAlloc(out FaultId fault, out _);
        byte[] data = new byte[64];
        Call(HwptAllocFlags.None, s_noDevice, ioas, HwptDataType.None, []);
        Call(HwptAllocFlags.None, new DeviceId(ioas.Value), ioas, HwptDataType.None, []);
        Call(HwptAllocFlags.None, id, s_noIoas, HwptDataType.None, []);
        Call(HwptAllocFlags.None, s_noDevice, s_noIoas, HwptDataType.None, data);
        Call(HwptAllocFlags.None, s_noDevice, s_noIoas, HwptDataType.VtdS1, []);
        Call(HwptAllocFlags.None, id, new HwptParentId(id.Value), HwptDataType.None, []);
        Call(HwptAllocFlags.None, id, new HwptParentId(fault.Value), HwptDataType.None, []);
        Call((HwptAllocFlags)(1 << 30), id, ioas, HwptDataType.None, []);
        Call((HwptAllocFlags)(1 << 30), id, s_noIoas, HwptDataType.None, []);
        Call((HwptAllocFlags)(1 << 30), id, hwpt, HwptDataType.None, []);
        Call(HwptAllocFlags.None, id, hwpt, HwptDataType.None, []);
        Call(HwptAllocFlags.None, id, hwpt, HwptDataType.VtdS1, data);
        Call(HwptAllocFlags.None, id, ioas, HwptDataType.VtdS1, data);
        Call(HwptAllocFlags.AllocDirtyTracking, id, ioas, HwptDataType.None, []);
        Call(HwptAllocFlags.AllocPasid, id, ioas, HwptDataType.None, []);
        Call(HwptAllocFlags.FaultIdValid, id, ioas, HwptDataType.None, [], new FaultId(77));
        Call(HwptAllocFlags.FaultIdValid, id, ioas, HwptDataType.None, [], new FaultId(ioas.Value));
        Call(HwptAllocFlags.FaultIdValid | HwptAllocFlags.AllocNestParent, id, ioas, HwptDataType.None, [], fault);
        Call(HwptAllocFlags.FaultIdValid | HwptAllocFlags.AllocNestParent, id, ioas, HwptDataType.None, [], new FaultId(77));
        iommu.TryIoasAlloc(out _);

        void Call(HwptAllocFlags flags, DeviceId on, HwptParentId parent, HwptDataType type, byte[] bytes, FaultId queue = default) =>
            iommu.TryHwptAlloc(flags, on, parent, out _, type, bytes, queue);
    }

    private static void TwoDevices(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out VfioDeviceClient device, out DeviceId _);
        VfioScripts.Bind(s, iommu, out VfioDeviceClient other, out DeviceId second, isOther: true);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryIoasAlloc(out IoasId another);
        PageTableId table = VfioScripts.Attach(device, ioas);
        VfioScripts.Attach(other, ioas);
        device.TryDetachIommufdPt(VfioDetachFlags.None, 0);
        IoasScripts.Ranges(s, iommu, ioas);
        VfioScripts.Attach(device, table);
        VfioScripts.Attach(other, another);
        Alloc(iommu, second, another);
        s.Close(device.Fd);
        IoasScripts.Ranges(s, iommu, ioas);
        iommu.TryDestroy(ioas);
        VfioScripts.Attach(other, table);
        s.Close(other.Fd);
        iommu.TryDestroy(another);
    }

    private static void Dirty(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId hwpt, HwptDataType.None, [], default);
        HwptId none = new(77);
        iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, hwpt);
        iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.None, hwpt);
        iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, none);
        iommu.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, new HwptId(ioas.Value));
        iommu.TryHwptSetDirtyTracking((DirtyTrackingFlags)(1 << 5), none);
        Get(hwpt, DirtyBitmapFlags.None, At, 64 * Page, Page);
        Get(hwpt, DirtyBitmapFlags.None, At, 0, Page);
        Get(hwpt, DirtyBitmapFlags.None, At + 1, 64 * Page, Page);
        Get(hwpt, DirtyBitmapFlags.None, ulong.MaxValue, 64 * Page, Page);
        Get(hwpt, DirtyBitmapFlags.None, At, 64 * Page, 0);
        Get(hwpt, DirtyBitmapFlags.None, At, 64 * Page, 3 * Page);
        Get(none, DirtyBitmapFlags.None, At, 64 * Page, Page);
        Get(none, (DirtyBitmapFlags)(1 << 5), At, 64 * Page, Page);

        void Get(HwptId of, DirtyBitmapFlags flags, ulong iova, ulong length, ulong pageSize) => iommu.TryHwptGetDirtyBitmap(of, flags, iova, length, pageSize, s.Memory, s.Start);
    }

    private static void Invalidate(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryHwptAlloc(HwptAllocFlags.None, id, ioas, out HwptId hwpt, HwptDataType.None, [], default);
        Call(hwpt, 1, 16, true);
        Call(hwpt, 0, 0, false);
        Call(hwpt, 1, 0, true);
        Call(hwpt, 1, 16, false);
        Call(new HwptId(77), 1, 16, true);
        Call(new HwptId(77), 1, 16, false);
        Call(new HwptId(77), 0, 16, false);
        Call(new HwptId(ioas.Value), 1, 16, true);
        Call(new HwptId(id.Value), 0, 16, true);

        void Call(HwptId target, uint count, uint length, bool hasMemory) =>
            iommu.TryHwptInvalidate(target, hasMemory ? s.Memory : null, hasMemory ? s.Start : 0, InvalidateDataType.HwptInvalidateDataVtdS1, length, ref count);
    }

    private static void Faults(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        iommu.TryFaultQueueAlloc(out FaultId first, out var queue);
        s.Keep(queue);
        iommu.TryFaultQueueAlloc(out FaultId second, out var other);
        iommu.TryDestroy(first);
        s.Receive(queue, 64);
        s.Receive(queue, 4);
        s.Send(queue, new byte[4]);
        s.Send(queue, new byte[16]);
        s.Raw(queue, IommufdCalls.IoasAlloc, new byte[12]);
        s.Close(queue);
        iommu.TryDestroy(first);
        iommu.TryDestroy(second);
        s.Close(other);
        iommu.TryDestroy(second);
    }

    private static void HardwareInfo(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        byte[] data = [.. Enumerable.Repeat((byte)0xAA, 4)];
        iommu.TryGetHwInfo(HwInfoFlags.None, id, out _, data, HwInfoType.None, out _, out _, out _);
        iommu.TryGetHwInfo(HwInfoFlags.None, id, out _, [], HwInfoType.None, out _, out _, out _);
    }

    private static void HardwareInfoErrors(Session s)
    {
        IommufdClient iommu = s.Iommufd();
        VfioScripts.Bind(s, iommu, out _, out DeviceId id);
        byte[] data = new byte[64];
        iommu.TryGetHwInfo(HwInfoFlags.InputType, id, out _, data, HwInfoType.ArmSmmuv3, out _, out _, out _);
        iommu.TryGetHwInfo((HwInfoFlags)(1 << 9), s_noDevice, out _, data, HwInfoType.None, out _, out _, out _);
        iommu.TryGetHwInfo(HwInfoFlags.None, s_noDevice, out _, data, HwInfoType.None, out _, out _, out _);
        iommu.TryIoasAlloc(out IoasId ioas);
        iommu.TryGetHwInfo(HwInfoFlags.None, new DeviceId(ioas.Value), out _, data, HwInfoType.None, out _, out _, out _);
    }
}
