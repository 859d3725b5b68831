using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Kernel.Guest.Selftest;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>Each allocation of each call (and, by IOMMUFD's own hooks, each lookup of an object) fails in turn, by the kernel's fault injection: the call succeeds or gives an error that the spec lists,
/// and nothing is left behind.</summary>
internal static class FailNthCases
{
    private const ulong Page = Iommu.Page;
    private const int Most = 1000;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;
    private const ViommuType MockType = unchecked((ViommuType)IommufdSelftestConstants.ViommuType);

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("fail-nth: address spaces and mappings, each allocation in turn", Mappings),
        new("fail-nth: page tables, faults, vIOMMUs and what belongs to them, each allocation in turn", PageTables),

        // Not binding it: that enables the device, for which 7.3.4's ACPI interpreter runs code that doesn't survive failing allocations (an oops in acpi_ut_update_object_reference).
        new("fail-nth: a device attached and its interrupts set up through VFIO, each allocation in turn", Device),
    ];

    private static void Mappings()
    {
        using Iommu iommu = new();
        using UserMemory memory = Iommu.Memory(4);
        Fd file = new((int)LinuxTransport.OpenMemory("teeio", 4 * Page).Value);
        MockDevice device = iommu.Device();
        IoasId ioas = default;
        ulong iova = 1 << 24;
        ulong copy = 2 << 24;
        ulong mapped = 3 << 24;
        Sweep(
            iommu,
            [
                new(IommufdCalls.IoasAlloc, () => iommu.Quiet.TryIoasAlloc(out ioas), () => iommu.Quiet.TryDestroy(ioas)),
                new(IommufdCalls.IoasAllowIovas, () => iommu.Quiet.TryIoasAllowIovas(ioas, s_allowed), () => iommu.Quiet.TryIoasAllowIovas(ioas, [])),
                new(IommufdCalls.IoasMap, () => iommu.Quiet.TryIoasMap(Both | IoasMapFlags.FixedIova, device.Ioas, memory, 0, memory.Length, ref iova), () => Unmap(iommu, device.Ioas, iova, memory.Length)),
                new(IommufdCalls.IoasCopy, () => iommu.Quiet.TryIoasCopy(Both | IoasMapFlags.FixedIova, device.Ioas, device.Ioas, memory.Length, ref copy, iova), () => Unmap(iommu, device.Ioas, copy, memory.Length)),
                new(IommufdCalls.IoasMapFile, () => iommu.Quiet.TryIoasMapFile(Both | IoasMapFlags.FixedIova, device.Ioas, file, 0, 4 * Page, ref mapped), () => Unmap(iommu, device.Ioas, mapped, 4 * Page)),
                new(IommufdCalls.IoasIovaRanges, () => iommu.Quiet.TryIoasIovaRanges(device.Ioas, out _, s_ranges, out _), () => SysResult.Ok),
            ],
            () => iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 0));
        Iommu.Close(file);
    }

    private static void PageTables()
    {
        using Iommu iommu = new();
        using UserMemory memory = Iommu.Memory(1);
        using UserMemory bits = Iommu.Memory(1);
        MockDevice device = iommu.Device();
        ulong start = IommufdSelftestConstants.ApertureStart;
        iommu.Map(device.Ioas, memory, start);
        HwptId tracking = iommu.Hwpt(device, HwptAllocFlags.AllocDirtyTracking);
        HwptId parent = default;
        HwptId nested = default;
        FaultId fault = default;
        Fd queue = default;
        ViommuId viommu = default;
        VdeviceId vdevice = default;
        VeventqId events = default;
        Fd eventFile = default;
        HwQueueId hardware = default;
        IommuHwptSelftest data = default;
        byte[] bytes = PageTableCases.Bytes(ref data).ToArray();
        byte[] info = new byte[IommuTestHwInfo.ByteSize];
        bits.Write(0, new byte[(int)Page]);
        Sweep(
            iommu,
            [
                new(IommufdCalls.HwptAlloc, () => iommu.Quiet.TryHwptAlloc(HwptAllocFlags.AllocNestParent, device.Device, device.Ioas, out parent, HwptDataType.None, [], default), () => iommu.Quiet.TryDestroy(parent)),
                new(IommufdCalls.HwptAlloc, () => iommu.Quiet.TryHwptAlloc(HwptAllocFlags.None, device.Device, parent, out nested, (HwptDataType)IommufdSelftestConstants.HwptData, bytes, default), () => iommu.Quiet.TryDestroy(nested)),
                new(IommufdCalls.FaultQueueAlloc, () => iommu.Quiet.TryFaultQueueAlloc(out fault, out queue), () => Close(queue, iommu.Quiet, fault)),
                new(IommufdCalls.ViommuAlloc, () => iommu.Quiet.TryViommuAlloc(MockType, device.Device, parent, out viommu, []), () => iommu.Quiet.TryDestroy(viommu)),
                new(IommufdCalls.VdeviceAlloc, () => iommu.Quiet.TryVdeviceAlloc(viommu, device.Device, out vdevice, 7), () => iommu.Quiet.TryDestroy(vdevice)),
                new(IommufdCalls.VeventqAlloc, () => iommu.Quiet.TryVeventqAlloc(viommu, unchecked((VeventqType)IommufdSelftestConstants.VeventqType), 2, out events, out eventFile), () => Close(eventFile, iommu.Quiet, events)),
                new(IommufdCalls.HwQueueAlloc, () => iommu.Quiet.TryHwQueueAlloc(viommu, unchecked((HwQueueType)IommufdSelftestConstants.HwQueueType), 0, out hardware, start, Page), () => iommu.Quiet.TryDestroy(hardware)),
                new(IommufdCalls.HwptSetDirtyTracking, () => iommu.Quiet.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, tracking), () => iommu.Quiet.TryHwptSetDirtyTracking(DirtyTrackingFlags.None, tracking)),
                new(IommufdCalls.HwptGetDirtyBitmap, () => iommu.Quiet.TryHwptGetDirtyBitmap(tracking, DirtyBitmapFlags.None, start, Page, Page, bits, 0), () => SysResult.Ok),
                new(IommufdCalls.GetHwInfo, () => iommu.Quiet.TryGetHwInfo(HwInfoFlags.None, device.Device, out _, info, HwInfoType.None, out _, out _, out _), () => SysResult.Ok),
            ],
            () => iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 1));
    }

    private static void Device()
    {
        using Iommu iommu = new();
        using UserMemory memory = Iommu.Memory(1);
        IoasId ioas = iommu.Calls.IoasAlloc();
        iommu.Map(ioas, memory, 1 << 24);
        using EduDevice edu = new(iommu);
        VfioDeviceClient vfio = new(Iommu.Linux, edu.File);
        Fd signal = new((int)LinuxTransport.OpenEvent().Value);
        Fd[] signals = [signal];
        Sweep(
            iommu,
            [
                new(VfioCalls.AttachIommufdPt, () => Attach(vfio, ioas), () => vfio.TryDetachIommufdPt(VfioDetachFlags.None, 0)),
                new(VfioCalls.SetIrqs, () => vfio.TrySetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, (uint)VfioPciIrq.MsiIrqIndex, 0, signals), () => vfio.TrySetIrqs(VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, (uint)VfioPciIrq.MsiIrqIndex, 0, [])),
            ],
            () => iommu.Mock.CheckRefs(0, memory.Length, memory, 0, 0));
        Iommu.Close(signal);
    }

    /// <summary>Makes the calls in order. Of each, the first allocation fails, then the second …, until one try needs no further; then it is made for good, and the next one comes.</summary>
    private static void Sweep(Iommu iommu, FailStep[] steps, Action isClean)
    {
        FailNth.SetUp();
        using FailNth fail = new();
        string[] files = OpenFiles();
        uint free = FreeId(iommu);
        foreach (FailStep step in steps)
        {
            // What has been compiled, and what the thread has of its own, is there before the first allocation counts.
            Assert.True(step.Do().IsOk, step.Name);
            Assert.True(step.Undo().IsOk, step.Name);
            int nth = 1;
            for (bool wasUsed = true; wasUsed; nth++)
            {
                Assert.True(nth < Most, $"{step.Name} has no end");
                SysResult result = fail.Invoke(nth, step.Do, out wasUsed);
                Outcomes.Seen.Add(step.Call, result);
                Assert.True(result.IsOk || step.Call.Explain(result.Raw) is not null, $"{step.Name}, failure {nth}, ends with {result}, which its spec doesn't list");
                if (result.IsOk && wasUsed) Assert.True(step.Undo().IsOk, step.Name);
                if (result.IsOk && !wasUsed) break;
            }

            Console.WriteLine($"fail-nth: {step.Name}: {nth - 1} failures in turn");
        }

        foreach (FailStep step in steps.Reverse()) Assert.True(step.Undo().IsOk, step.Name);
        isClean();
        Assert.Equal(free, FreeId(iommu), "the next id");
        Assert.Equal(string.Join(' ', files), string.Join(' ', OpenFiles()), "the open files");
    }

    private static readonly IommuIovaRange[] s_ranges = new IommuIovaRange[8];
    private static readonly IommuIovaRange[] s_allowed = [new() { Start = Page, Last = (1 << 30) - 1 }];

    /// <summary>The id that the next object gets: the lowest that is free.</summary>
    private static uint FreeId(Iommu iommu)
    {
        IoasId next = iommu.Calls.IoasAlloc();
        iommu.Calls.Destroy(next);
        return next.Value;
    }

    private static string[] OpenFiles() => [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static SysResult Unmap(Iommu iommu, IoasId ioas, ulong iova, ulong length) => iommu.Quiet.TryIoasUnmap(ioas, iova, ref length);

    private static SysResult Close(Fd fd, IommufdClient calls, ObjectId id)
    {
        Iommu.Close(fd);
        return calls.TryDestroy(id);
    }

    private static SysResult Attach(VfioDeviceClient vfio, PageTableId table) => vfio.TryAttachIommufdPt(VfioAttachFlags.None, ref table, 0);

    /// <summary>A call, and what takes it back.</summary>
    private sealed record FailStep(CallInfo Call, Func<SysResult> Do, Func<SysResult> Undo)
    {
        public string Name => Call.Name;
    }
}
