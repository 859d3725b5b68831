using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>What of the flow a released kernel has: a VMM gives a device to a VM, shared. Traces of it are held against the flow.</summary>
internal static class SharedFlowCases
{
    private const ulong Page = Iommu.Page;
    private const ulong Gpa = 1 << 30;

    // The last page below 4 GiB, where a processor starts in real mode: hlt.
    private const ulong Reset = (1ul << 32) - Page;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("The flow, shared: a VMM takes the device, maps its memory, attaches, and the VM runs", () => TakeAndRun(isAttachedEarly: false)),
        new("The flow, shared: the VMM attaches before it makes the page table", () => TakeAndRun(isAttachedEarly: true)),
    ];

    private static void TakeAndRun(bool isAttachedEarly)
    {
        using Iommu iommu = new();
        Fd kvm = KvmCases.Open();
        KvmClient system = new(Iommu.Linux, kvm);
        KvmVmClient vm = new(Iommu.Linux, system.CreateVm(VmType.DefaultVm));
        KvmDeviceClient group = new(Iommu.Linux, vm.CreateDevice(KvmDeviceType.Vfio, CreateDeviceFlags.None));
        Fd file = EduDevice.Open();
        VfioDeviceClient device = new(Iommu.Linux, file);
        group.VfioFileAdd(file);
        DeviceId id = device.BindIommufd(VfioBindFlags.None, iommu.Fd, []);
        device.GetRegionInfo(out _, (uint)VfioPciRegion.Bar0RegionIndex, out _, out ulong size, out ulong offset);
        using UserMemory bar = Iommu.Linux.Map(file, offset, size, out _)!;
        vm.SetUserMemoryRegion2(1, MemoryFlags.None, Gpa, size, bar, 0, 0, default);
        using UserMemory memory = Iommu.Linux.Allocate(Page);
        memory.Write(Page - 16, [0xF4]);
        vm.SetUserMemoryRegion2(0, MemoryFlags.None, Reset, Page, memory, 0, 0, default);
        IoasId ioas = iommu.Calls.IoasAlloc();
        iommu.Map(ioas, memory, 0);
        PageTableId table = ioas;
        if (isAttachedEarly) device.AttachIommufdPt(VfioAttachFlags.None, ref table, 0);
        HwptId hwpt = iommu.Calls.HwptAlloc(HwptAllocFlags.None, id, ioas, HwptDataType.None, [], default);
        table = hwpt;
        if (!isAttachedEarly) device.AttachIommufdPt(VfioAttachFlags.None, ref table, 0);
        Fd vcpu = vm.CreateVcpu(0);
        new KvmVcpuClient(Iommu.Linux, vcpu).Run();
        device.DetachIommufdPt(VfioDetachFlags.None, 0);
        iommu.Calls.Destroy(hwpt);
        group.VfioFileDel(file);
        foreach (Fd open in (ReadOnlySpan<Fd>)[vcpu, file, group.Fd, vm.Fd, kvm]) Iommu.Close(open);
    }
}
