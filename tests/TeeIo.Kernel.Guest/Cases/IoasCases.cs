using EduDma;
using TeeIo.Boundaries;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>Address spaces and what is mapped in them, seen through the mock's device.</summary>
internal static class IoasCases
{
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;
    private const ulong Page = Iommu.Page;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("IOMMU_IOAS_ALLOC and IOMMU_DESTROY: an id is good until it is destroyed, and no longer", AllocAndDestroy),
        new("IOMMU_DESTROY: what somebody uses is EBUSY", DestroyInUse),
        new("IOMMU_IOAS_IOVA_RANGES: a device leaves what its IOMMU can reach", Ranges),
        new("IOMMU_IOAS_IOVA_RANGES: too little room is EMSGSIZE with the number of ranges", RangesWithoutRoom),
        new("IOMMU_IOAS_ALLOW_IOVAS: the kernel picks from what is allowed, and a device that would narrow it isn't attached", AllowIovas),
        new("IOMMU_IOAS_MAP: the device sees the memory where it was mapped, and the pages are held once", Map),
        new("IOMMU_IOAS_MAP: each way to fail that the spec lists", MapErrors),
        new("IOMMU_IOAS_COPY: the copy is the same memory, held once", Copy),
        new("IOMMU_IOAS_COPY: each way to fail that the spec lists", CopyErrors),
        new("IOMMU_IOAS_UNMAP: whole mappings only, and the pages are let go", Unmap),
        new("IOMMU_IOAS_UNMAP: pages of a kernel user are let go with it", UnmapPinned),
        new("IOMMU_OPTION: who pays for pinned pages is chosen before there are objects; large pages per IOAS", Option),
        new("IOMMU_VFIO_IOAS: none, one, and none again", VfioIoas),
        new("IOMMU_IOAS_CHANGE_PROCESS: with memory of files only", ChangeProcess),
        new("IOMMU_IOAS_MAP_FILE: the device sees what the file holds", MapFile),
        new("IOMMU_IOAS_MAP_FILE: each way to fail that the spec lists", MapFileErrors),
        new("IOMMU_IOAS_NOIOMMU_GET_PA: the address is where a device without an IOMMU finds the memory", NoiommuFound),
        new("IOMMU_IOAS_NOIOMMU_GET_PA: of an IOAS behind an IOMMU it is EOPNOTSUPP", NoiommuGetPa),
    ];

    private static void AllocAndDestroy()
    {
        using Iommu iommu = new();
        IoasId first = iommu.Calls.IoasAlloc();
        IoasId second = iommu.Calls.IoasAlloc();
        Assert.NotEqual(first, second);
        iommu.Calls.Destroy(first);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryDestroy(first).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasIovaRanges(first, out _, [], out _).Errno);
        iommu.Calls.Destroy(second);
    }

    private static void DestroyInUse()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(device.Ioas).Errno);
        iommu.Calls.Destroy(new ObjectId(device.Mock.Value));
        iommu.Calls.Destroy(device.Ioas);
    }

    private static void Ranges()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        IommuIovaRange[] ranges = new IommuIovaRange[8];
        iommu.Calls.IoasIovaRanges(ioas, out uint count, ranges, out ulong alignment);
        Assert.Equal(1u, count);
        Assert.Equal((0ul, ulong.MaxValue), (ranges[0].Start, ranges[0].Last));
        Assert.Equal(1ul, alignment);
        MockDevice device = iommu.Device(ioas);
        iommu.Calls.IoasIovaRanges(ioas, out count, ranges, out alignment);
        Assert.Equal(1u, count);
        Assert.Equal(((ulong)IommufdSelftestConstants.ApertureStart, (ulong)IommufdSelftestConstants.ApertureLast), (ranges[0].Start, ranges[0].Last));
        Assert.Equal((ulong)IommufdSelftestConstants.MockPageSize, alignment);
        iommu.Calls.Destroy(new ObjectId(device.Mock.Value));
        iommu.Calls.IoasIovaRanges(ioas, out count, ranges, out _);
        Assert.Equal(ulong.MaxValue, ranges[0].Last);
    }

    private static void RangesWithoutRoom()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        Assert.Equal(Errno.EMSGSIZE, iommu.Calls.TryIoasIovaRanges(ioas, out uint count, [], out _).Errno);
        Assert.Equal(1u, count);
    }

    private static void AllowIovas()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(2);
        ulong start = 1ul << 40;
        iommu.Calls.IoasAllowIovas(ioas, [new IommuIovaRange { Start = start, Last = start + (16 * Page) - 1 }]);
        Assert.InRange(iommu.Map(ioas, memory), start, start + (15 * Page));
        iommu.Unmap(ioas, start, memory.Length);
        Assert.Equal(Errno.EADDRINUSE, iommu.Mock.TryMockDomain(ioas.Value, out _, out _, out _, MockDeviceFlags.None).Errno);
        iommu.Calls.IoasAllowIovas(ioas, []);
        iommu.Device(ioas);
        Assert.Equal(Errno.EADDRINUSE, iommu.Calls.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = 0, Last = Page }]).Errno);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = 2 * Page, Last = Page }]).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasAllowIovas(new IoasId(99), []).Errno);
    }

    private static void Map()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        using UserMemory memory = Iommu.Memory(4);
        ulong iova = iommu.Map(device.Ioas, memory);
        iommu.Mock.CheckMap(device.Hwpt.Value, iova, memory.Length, memory, 0);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 1);
        using UserMemory other = Iommu.Memory(4);
        Assert.Equal(Errno.EINVAL, iommu.Mock.TryCheckMap(device.Hwpt.Value, iova, memory.Length, other, 0).Errno);
        ulong at = iova + (1 << 20);
        Assert.Equal(at, iommu.Map(device.Ioas, other, at));
        iommu.Mock.CheckMap(device.Hwpt.Value, at, other.Length, other, 0);
        iommu.Unmap(device.Ioas, iova, memory.Length);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 0);
    }

    private static void MapErrors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        using UserMemory memory = Iommu.Memory(2);
        ulong iova = iommu.Map(device.Ioas, memory);
        ulong taken = iova;
        Assert.Equal(Errno.EEXIST, iommu.Calls.TryIoasMap(Both | IoasMapFlags.FixedIova, device.Ioas, memory, 0, memory.Length, ref taken).Errno);
        ulong any = 0;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMap(Both, device.Ioas, memory, 0, 0, ref any).Errno);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMap(Both, device.Ioas, memory, 0, 100, ref any).Errno);
        ulong odd = iova + (1 << 20) + 1;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMap(Both | IoasMapFlags.FixedIova, device.Ioas, memory, 0, Page, ref odd).Errno);
        ulong outside = 0;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMap(Both | IoasMapFlags.FixedIova, device.Ioas, memory, 0, Page, ref outside).Errno);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMap(IoasMapFlags.None, device.Ioas, memory, 0, Page, ref any).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasMap(Both, new IoasId(99), memory, 0, Page, ref any).Errno);
        Assert.Equal(Errno.EFAULT, iommu.Calls.TryIoasMap(Both, device.Ioas, null, 0, Page, ref any).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryIoasMap(Both | (IoasMapFlags)(1 << 7), device.Ioas, memory, 0, Page, ref any).Errno);
        ulong last = ulong.MaxValue - Page + 1;
        Assert.Equal(Errno.EOVERFLOW, iommu.Calls.TryIoasMap(Both | IoasMapFlags.FixedIova, device.Ioas, memory, 0, memory.Length, ref last).Errno);
        Assert.Equal(Errno.ENOSPC, iommu.Calls.TryIoasMap(Both, device.Ioas, memory, 0, 1ul << 32, ref any).Errno);
    }

    private static void Copy()
    {
        using Iommu iommu = new();
        IoasId source = iommu.Calls.IoasAlloc();
        MockDevice device = iommu.Device();
        using UserMemory memory = Iommu.Memory(2);
        ulong from = iommu.Map(source, memory);
        ulong to = 0;
        iommu.Calls.IoasCopy(Both, device.Ioas, source, memory.Length, ref to, from);
        iommu.Mock.CheckMap(device.Hwpt.Value, to, memory.Length, memory, 0);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 1);
        iommu.Unmap(source, from, memory.Length);
        iommu.Mock.CheckMap(device.Hwpt.Value, to, memory.Length, memory, 0);
        iommu.Unmap(device.Ioas, to, memory.Length);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 0);
    }

    private static void CopyErrors()
    {
        using Iommu iommu = new();
        IoasId source = iommu.Calls.IoasAlloc();
        IoasId target = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(2);
        ulong from = iommu.Map(source, memory);
        ulong to = 0;
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasCopy(Both, new IoasId(99), source, memory.Length, ref to, from).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasCopy(Both, target, source, memory.Length, ref to, from + (1 << 20)).Errno);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasCopy(Both, target, source, 0, ref to, from).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryIoasCopy((IoasMapFlags)(1 << 9), target, source, memory.Length, ref to, from).Errno);
        Assert.Equal(Errno.EOVERFLOW, iommu.Calls.TryIoasCopy(Both, target, source, memory.Length, ref to, ulong.MaxValue - Page + 1).Errno);
        ulong readOnly = 0;
        iommu.Calls.IoasMap(IoasMapFlags.Readable, source, memory, 0, memory.Length, ref readOnly);
        Assert.Equal(Errno.EPERM, iommu.Calls.TryIoasCopy(Both, target, source, memory.Length, ref to, readOnly).Errno);
        ulong at = 1 << 20;
        iommu.Calls.IoasCopy(Both | IoasMapFlags.FixedIova, target, source, memory.Length, ref at, from);
        Assert.Equal(Errno.EEXIST, iommu.Calls.TryIoasCopy(Both | IoasMapFlags.FixedIova, target, source, memory.Length, ref at, from).Errno);
    }

    private static void Unmap()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(4);
        iommu.Map(ioas, memory, 1 << 20);
        iommu.Map(ioas, memory, 2 << 20);
        ulong length = Page;
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasUnmap(ioas, 1 << 20, ref length).Errno);
        length = Page;
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasUnmap(ioas, 4 << 20, ref length).Errno);
        length = 0;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasUnmap(ioas, 1 << 20, ref length).Errno);
        length = ulong.MaxValue;
        Assert.Equal(Errno.EOVERFLOW, iommu.Calls.TryIoasUnmap(ioas, 1 << 20, ref length).Errno);
        length = ulong.MaxValue;
        iommu.Calls.IoasUnmap(ioas, 0, ref length);
        Assert.Equal(2 * memory.Length, length);
        length = Page;
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasUnmap(new IoasId(99), 0, ref length).Errno);
    }

    private static void UnmapPinned()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        using UserMemory memory = Iommu.Memory(2);
        ulong iova = iommu.Map(ioas, memory, 1 << 20);
        Fd access = iommu.Mock.CreateAccess(ioas.Value, 1);
        uint id = (uint)access.Value;
        uint pages = iommu.Mock.AccessPages(id, MockAccessFlags.Write, iova, memory.Length, memory, 0);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 1);
        iommu.Mock.DestroyAccessPages(id, pages);
        Iommu.Close(access);
        iommu.Unmap(ioas, iova, memory.Length);
        iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 0);
    }

    private static void Option()
    {
        using Iommu iommu = new();
        ulong value = 0;
        iommu.Calls.Option(OptionId.RlimitMode, OptionOp.Get, default, ref value);
        Assert.Equal(0ul, value);
        value = 1;
        iommu.Calls.Option(OptionId.RlimitMode, OptionOp.Set, default, ref value);
        value = 2;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryOption(OptionId.RlimitMode, OptionOp.Set, default, ref value).Errno);
        IoasId ioas = iommu.Calls.IoasAlloc();
        value = 0;
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryOption(OptionId.RlimitMode, OptionOp.Set, default, ref value).Errno);
        iommu.Calls.Option(OptionId.HugePages, OptionOp.Get, ioas, ref value);
        Assert.Equal(1ul, value);
        value = 0;
        iommu.Calls.Option(OptionId.HugePages, OptionOp.Set, ioas, ref value);
        value = 1;
        iommu.Calls.Option(OptionId.HugePages, OptionOp.Get, ioas, ref value);
        Assert.Equal(0ul, value);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryOption(OptionId.HugePages, OptionOp.Get, new IoasId(99), ref value).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryOption((OptionId)77, OptionOp.Get, ioas, ref value).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryOption(OptionId.HugePages, (OptionOp)77, ioas, ref value).Errno);
    }

    private static void VfioIoas()
    {
        using Iommu iommu = new();
        IoasId ioas = default;
        Assert.Equal(Errno.ENODEV, iommu.Calls.TryVfioIoas(ref ioas, VfioIoasOp.Get).Errno);
        iommu.Calls.VfioIoas(ref ioas, VfioIoasOp.Clear);
        IoasId mine = iommu.Calls.IoasAlloc();
        ioas = mine;
        iommu.Calls.VfioIoas(ref ioas, VfioIoasOp.Set);
        ioas = default;
        iommu.Calls.VfioIoas(ref ioas, VfioIoasOp.Get);
        Assert.Equal(mine, ioas);
        iommu.Calls.VfioIoas(ref ioas, VfioIoasOp.Clear);
        Assert.Equal(Errno.ENODEV, iommu.Calls.TryVfioIoas(ref ioas, VfioIoasOp.Get).Errno);
        ioas = new IoasId(99);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryVfioIoas(ref ioas, VfioIoasOp.Set).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryVfioIoas(ref ioas, (VfioIoasOp)7).Errno);
    }

    private static void ChangeProcess()
    {
        using Iommu iommu = new();
        ulong mode = 1;
        iommu.Calls.Option(OptionId.RlimitMode, OptionOp.Set, default, ref mode);
        IoasId ioas = iommu.Calls.IoasAlloc();
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", 2 * Page).Value);
        ulong iova = 1 << 20;
        iommu.Calls.IoasMapFile(Both | IoasMapFlags.FixedIova, ioas, file, 0, 2 * Page, ref iova);
        iommu.Calls.IoasChangeProcess();
        using UserMemory memory = Iommu.Memory(1);
        iommu.Map(ioas, memory, 2 << 20);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasChangeProcess().Errno);
        Iommu.Close(file);
    }

    private static void MapFile()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", 4 * Page).Value);
        using UserMemory memory = Iommu.Linux.Map(file, 0, 4 * Page, out _)!;
        memory.Write(Page, [1, 2, 3, 4]);
        ulong iova = 0;
        iommu.Calls.IoasMapFile(Both, device.Ioas, file, Page, 2 * Page, ref iova);
        Iommu.Close(file);
        iommu.Mock.CheckMap(device.Hwpt.Value, iova, 2 * Page, memory, Page);
        iommu.Unmap(device.Ioas, iova, 2 * Page);
    }

    private static void MapFileErrors()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", 2 * Page).Value);
        ulong any = 0;
        Assert.Equal(Errno.EBADF, iommu.Calls.TryIoasMapFile(Both, device.Ioas, Fd.None, 0, Page, ref any).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasMapFile(Both, new IoasId(99), file, 0, Page, ref any).Errno);
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasMapFile(Both, device.Ioas, file, 0, 0, ref any).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryIoasMapFile(Both | (IoasMapFlags)(1 << 7), device.Ioas, file, 0, Page, ref any).Errno);
        Assert.Equal(Errno.EOVERFLOW, iommu.Calls.TryIoasMapFile(Both, device.Ioas, file, ulong.MaxValue - 1, Page, ref any).Errno);
        ulong iova = 0;
        iommu.Calls.IoasMapFile(Both, device.Ioas, file, 0, Page, ref iova);
        Assert.Equal(Errno.EEXIST, iommu.Calls.TryIoasMapFile(Both | IoasMapFlags.FixedIova, device.Ioas, file, 0, Page, ref iova).Errno);
        Iommu.Close(file);
    }

    private static void NoiommuFound()
    {
        using Iommu iommu = new();
        string path = Directory.GetFiles("/dev/vfio/devices", "noiommu-*").Single();
        using EduDevice edu = new(iommu, path);
        IoasId ioas = iommu.Calls.IoasAlloc();
        edu.Attach(ioas);
        using UserMemory memory = Iommu.Memory(2);
        ulong iova = iommu.Map(ioas, memory, 1 << 24);
        ulong length = Page;
        ulong physical = iommu.Calls.IoasNoiommuGetPa(ioas, iova, ref length);
        Assert.Equal(Page, length);

        // Without an IOMMU the device sees physical addresses, so that is where it must find the memory.
        edu.Copy(physical, EduConstants.Buffer, 64, EduDmaCommand.None);
        length = Page;
        edu.Copy(EduConstants.Buffer, iommu.Calls.IoasNoiommuGetPa(ioas, iova + Page, ref length), 64, EduDmaCommand.ToMemory);
        byte[] read = new byte[64];
        memory.Read(Page, read);
        Assert.All(read, b => Assert.Equal(1, b));
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasNoiommuGetPa(ioas, 1 << 30, ref length, out _).Errno);
    }

    private static void NoiommuGetPa()
    {
        using Iommu iommu = new();
        MockDevice device = iommu.Device();
        using UserMemory memory = Iommu.Memory(1);
        ulong iova = iommu.Map(device.Ioas, memory);
        ulong length = Page;
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryIoasNoiommuGetPa(device.Ioas, iova, ref length, out _).Errno);
        ulong nothing = 0;
        Assert.Equal(Errno.EINVAL, iommu.Calls.TryIoasNoiommuGetPa(device.Ioas, iova, ref nothing, out _).Errno);
        Assert.Equal(Errno.EOVERFLOW, iommu.Calls.TryIoasNoiommuGetPa(device.Ioas, ulong.MaxValue, ref length, out _).Errno);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryIoasNoiommuGetPa(new IoasId(99), iova, ref length, out _).Errno);
    }
}
