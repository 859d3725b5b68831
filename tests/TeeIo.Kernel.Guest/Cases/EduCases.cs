using EduDma;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>A device that really reads and writes memory, behind VT-d.</summary>
internal static class EduCases
{
    private const ulong Page = Iommu.Page;
    private const ulong At = 1 << 24;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("edu: a DMA lands where IOMMU_IOAS_MAP put the memory", Dma),
        new("edu: after IOMMU_IOAS_UNMAP a DMA reaches nothing", DmaAfterUnmap),
        new("edu: a page that the device may only read isn't written to", ReadOnlyDma),
        new("edu: a DMA lands in the file that IOMMU_IOAS_MAP_FILE mapped, and in the copy that IOMMU_IOAS_COPY made", DmaToFile),
        new("edu: another address space, another memory: re-attaching moves the device", Replace),
        new("edu: IOMMU_GET_HW_INFO tells of VT-d", HwInfo),
        new("edu: VT-d without scalable mode has no nesting parent and tracks no pages: EOPNOTSUPP", NoNesting),
        new("edu: IOMMU_IOAS_IOVA_RANGES leaves out the interrupt window once it is attached", Ranges),
    ];

    private static void Dma() => Attached((iommu, edu, ioas) =>
    {
        using UserMemory memory = Iommu.Memory(2);
        iommu.Map(ioas, memory, At);
        edu.CopyThrough(At, At + Page, 64);
        Assert.Equal(Bytes(memory, 0, 64), Bytes(memory, Page, 64));
        Assert.Equal(2, Bytes(memory, Page + 64, 1)[0]);
    });

    private static void DmaAfterUnmap() => Attached((iommu, edu, ioas) =>
    {
        using UserMemory memory = Iommu.Memory(2);
        iommu.Map(ioas, memory, At);
        edu.Copy(At, EduConstants.Buffer, 64, EduDmaCommand.None);
        iommu.Unmap(ioas, At, memory.Length);
        edu.Copy(EduConstants.Buffer, At + Page, 64, EduDmaCommand.ToMemory);
        Assert.All(Bytes(memory, Page, 64), b => Assert.Equal(2, b));
    });

    private static void ReadOnlyDma() => Attached((iommu, edu, ioas) =>
    {
        using UserMemory source = Iommu.Memory(1);
        using UserMemory target = Iommu.Linux.Allocate(Page);
        ulong iova = At;
        iommu.Calls.IoasMap(IoasMapFlags.Readable | IoasMapFlags.FixedIova, ioas, source, 0, Page, ref iova);
        iommu.Map(ioas, target, At + Page);
        edu.CopyThrough(At, At + Page, 64);
        Assert.Equal(Bytes(source, 0, 64), Bytes(target, 0, 64));
        target.Write(0, new byte[64]);
        edu.CopyThrough(At + Page, At, 64);
        Assert.All(Bytes(source, 0, 64), b => Assert.Equal(1, b));
    });

    private static void DmaToFile() => Attached((iommu, edu, ioas) =>
    {
        using UserMemory memory = Iommu.Memory(1);
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", Page).Value);
        ulong source = iommu.Map(ioas, memory, At);
        ulong target = At + Page;
        iommu.Calls.IoasMapFile(IoasMapFlags.Writeable | IoasMapFlags.Readable | IoasMapFlags.FixedIova, ioas, file, 0, Page, ref target);
        edu.CopyThrough(source, target, 64);
        byte[] read = new byte[64];
        Assert.Equal(64, Iommu.Linux.Read(file, 0, read).Value);
        Assert.Equal(Bytes(memory, 0, 64), read);
        IoasId other = iommu.Calls.IoasAlloc();
        ulong copy = At;
        iommu.Calls.IoasCopy(IoasMapFlags.Writeable | IoasMapFlags.Readable | IoasMapFlags.FixedIova, other, ioas, Page, ref copy, target);
        edu.Attach(other);
        memory.Write(0, new byte[64]);
        edu.Copy(copy, EduConstants.Buffer, 64, EduDmaCommand.None);
        edu.Attach(ioas);
        edu.Copy(EduConstants.Buffer, source, 64, EduDmaCommand.ToMemory);
        Assert.Equal(read, Bytes(memory, 0, 64));
        Iommu.Close(file);
    });

    private static void Replace()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        IoasId first = iommu.Calls.IoasAlloc();
        IoasId second = iommu.Calls.IoasAlloc();
        using UserMemory one = Iommu.Memory(1);
        using UserMemory two = Iommu.Linux.Allocate(Page);
        iommu.Map(first, one, At);
        iommu.Map(second, two, At);
        PageTableId hwpt = edu.Attach(first);
        Assert.NotEqual(first.Value, hwpt.Value);
        edu.Copy(At, EduConstants.Buffer, 64, EduDmaCommand.None);
        edu.Attach(second);
        edu.Copy(EduConstants.Buffer, At, 64, EduDmaCommand.ToMemory);
        Assert.Equal(Bytes(one, 0, 64), Bytes(two, 0, 64));
        edu.Calls.DetachIommufdPt(VfioDetachFlags.None, 0);
        iommu.Calls.Destroy(first);
        iommu.Calls.Destroy(second);
    }

    private static void HwInfo()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        byte[] data = new byte[IommuHwInfoVtd.ByteSize];
        iommu.Calls.GetHwInfo(HwInfoFlags.None, edu.Id, out uint length, data, HwInfoType.None, out HwInfoType type, out _, out HwCapabilities capabilities);
        Assert.Equal((HwInfoType.IntelVtd, (uint)IommuHwInfoVtd.ByteSize), (type, length));
        Assert.True(IommuHwInfoVtd.TryRead(data, out IommuHwInfoVtd vtd));
        Assert.NotEqual(0ul, vtd.CapReg);
        Assert.NotEqual(0ul, vtd.EcapReg);
        Assert.False(capabilities.HasFlag(HwCapabilities.DirtyTracking));
    }

    private static void NoNesting()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        IoasId ioas = iommu.Calls.IoasAlloc();
        iommu.Calls.Destroy(iommu.Calls.HwptAlloc(HwptAllocFlags.None, edu.Id, ioas, HwptDataType.None, [], default));
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryHwptAlloc(HwptAllocFlags.AllocNestParent, edu.Id, ioas, out _, HwptDataType.None, [], default).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommu.Calls.TryHwptAlloc(HwptAllocFlags.AllocDirtyTracking, edu.Id, ioas, out _, HwptDataType.None, [], default).Errno);
    }

    private static void Ranges() => Attached((iommu, edu, ioas) =>
    {
        IommuIovaRange[] ranges = new IommuIovaRange[8];
        iommu.Calls.IoasIovaRanges(ioas, out uint count, ranges, out ulong alignment);
        Assert.Equal(2u, count);
        Assert.Equal(0xFEDF_FFFFul, ranges[0].Last);
        Assert.Equal(0xFEF0_0000ul, ranges[1].Start);
        Assert.Equal(Page, alignment);
    });

    /// <summary>Does something with the device, attached to a new address space.</summary>
    private static void Attached(Action<Iommu, EduDevice, IoasId> what)
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        IoasId ioas = iommu.Calls.IoasAlloc();
        edu.Attach(ioas);
        what(iommu, edu, ioas);
    }

    private static byte[] Bytes(UserMemory memory, ulong offset, int count)
    {
        byte[] bytes = new byte[count];
        memory.Read(offset, bytes);
        return bytes;
    }
}
