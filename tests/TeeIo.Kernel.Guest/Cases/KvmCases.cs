using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>KVM: machines, their memory, and one that runs.</summary>
internal static class KvmCases
{
    private const ulong Page = Iommu.Page;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("KVM_CREATE_VM: plain and software-protected machines, and no TDX here", VmTypes),
        new("KVM_CREATE_VCPU: a number once", Vcpus),
        new("KVM_SET_USER_MEMORY_REGION: slots don't overlap", Memslots),
        new("KVM_CREATE_GUEST_MEMFD and KVM_SET_MEMORY_ATTRIBUTES: private memory of a software-protected machine", PrivateMemory),
        new("KVM_SET_MEMORY_ATTRIBUTES: each way to fail that the spec lists", AttributeErrors),
        new("KVM_RUN: a guest runs from its reset vector, writes to a port, reads MMIO and halts", Run),
        new("KVM_CREATE_DEVICE: of kinds that aren't there ENODEV", Devices),
    ];

    public static Fd Open()
    {
        SysResult opened = Iommu.Linux.Open("/dev/kvm");
        Assert.True(opened.IsOk, $"/dev/kvm: {opened}");
        return new Fd((int)opened.Value);
    }

    private static void VmTypes() => With(VmType.DefaultVm, (system, vm) =>
    {
        Assert.Equal((long)KvmApiVersion.Stable, system.GetApiVersion());
        long types = system.CheckExtension(KvmCapability.VmTypes);
        Assert.Equal(3, types);
        Iommu.Close(system.CreateVm(VmType.SwProtectedVm));
        Assert.Equal(Errno.EINVAL, system.TryCreateVm(VmType.TdxVm, out _).Errno);
        Assert.Equal(Errno.EINVAL, system.TryCreateVm((VmType)77, out _).Errno);
    });

    private static void Vcpus() => With(VmType.DefaultVm, (system, vm) =>
    {
        Fd vcpu = vm.CreateVcpu(0);
        Assert.Equal(Errno.EEXIST, vm.TryCreateVcpu(0, out _).Errno);
        Assert.Equal(Errno.EINVAL, vm.TryCreateVcpu(1 << 20, out _).Errno);
        Iommu.Close(vcpu);
    });

    private static void Memslots() => With(VmType.DefaultVm, (system, vm) =>
    {
        using UserMemory memory = Iommu.Memory(4);
        vm.SetUserMemoryRegion(0, MemoryFlags.None, 0, 2 * Page, memory, 0);
        Assert.Equal(Errno.EEXIST, vm.TrySetUserMemoryRegion(1, MemoryFlags.None, Page, 2 * Page, memory, 0).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion(1, MemoryFlags.None, 100, Page, memory, 0).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion(1, (MemoryFlags)(1 << 20), 8 * Page, Page, memory, 0).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion(1 << 15, MemoryFlags.None, 8 * Page, Page, memory, 0).Errno);
        vm.SetUserMemoryRegion(0, MemoryFlags.None, 0, 0, memory, 0);
        vm.SetUserMemoryRegion(1, MemoryFlags.None, Page, 2 * Page, memory, 0);
    });

    private static void PrivateMemory() => With(VmType.SwProtectedVm, (system, vm) =>
    {
        Assert.NotEqual(0, system.CheckExtension(KvmCapability.GuestMemfd));
        Fd memory = vm.CreateGuestMemfd(4 * Page, GuestMemfdFlags.None);
        using UserMemory shared = Iommu.Memory(4);
        vm.SetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, 4 * Page, shared, 0, 0, memory);
        vm.SetMemoryAttributes(0, 2 * Page, MemoryAttributes.Private);
        vm.SetMemoryAttributes(0, Page, MemoryAttributes.None);
        Assert.Null(Iommu.Linux.Map(memory, 0, Page, out Errno error));
        Assert.Equal(Errno.ENODEV, error);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(1, MemoryFlags.GuestMemfd, 8 * Page, 8 * Page, shared, 0, 0, memory).Errno);
        Assert.Equal(Errno.EBADF, vm.TrySetUserMemoryRegion2(1, MemoryFlags.GuestMemfd, 8 * Page, Page, shared, 0, 0, new Fd(999)).Errno);
        Assert.Equal(Errno.EINVAL, vm.TryCreateGuestMemfd(100, GuestMemfdFlags.None, out _).Errno);
        Assert.Equal(Errno.EINVAL, vm.TryCreateGuestMemfd(Page, (GuestMemfdFlags)(1 << 20), out _).Errno);
        Iommu.Close(memory);
    });

    private static void AttributeErrors()
    {
        With(VmType.SwProtectedVm, (system, vm) =>
        {
            Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(100, Page, MemoryAttributes.Private).Errno);
            Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(0, 0, MemoryAttributes.Private).Errno);
            Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(0, Page, (MemoryAttributes)(1 << 20)).Errno);
        });
        With(VmType.DefaultVm, (system, vm) => Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(0, Page, MemoryAttributes.Private).Errno));
    }

    private static void Run() => With(VmType.DefaultVm, (system, vm) =>
    {
        // The last page below 4 GiB, where a processor starts in real mode: mov al,0x42; out 0x10,al; mov al,[0x1000]; out 0x11,al; hlt.
        using UserMemory code = Iommu.Linux.Allocate(Page);
        code.Write(Page - 16, [0xB0, 0x42, 0xE6, 0x10, 0xA0, 0x00, 0x10, 0xE6, 0x11, 0xF4]);
        vm.SetUserMemoryRegion(0, MemoryFlags.None, (1ul << 32) - Page, Page, code, 0);
        Fd vcpu = vm.CreateVcpu(0);
        using UserMemory shared = Iommu.Linux.Map(vcpu, 0, (ulong)system.GetVcpuMmapSize(), out _)!;
        KvmVcpuClient cpu = new(Iommu.Linux, vcpu, Outcomes.Hub);
        cpu.Run();
        Assert.Equal((ExitReason.Io, (ushort)0x10, (byte)0x42), Io(shared));
        cpu.Run();
        KvmRun run = Read(shared);
        Assert.Equal(ExitReason.Mmio, run.ExitReason);
        Assert.True(KvmExitMmio.TryRead(run.Exit, out KvmExitMmio mmio));
        Assert.Equal((0x1000ul, 1u, (byte)0), (mmio.PhysAddr, mmio.Len, mmio.IsWrite));
        mmio.Data[0] = 0x99;
        mmio.Write(run.Exit);
        byte[] bytes = new byte[KvmRun.ByteSize];
        run.Write(bytes);
        shared.Write(0, bytes);
        cpu.Run();
        Assert.Equal((ExitReason.Io, (ushort)0x11, (byte)0x99), Io(shared));
        cpu.Run();
        Assert.Equal(ExitReason.Hlt, Read(shared).ExitReason);
        Iommu.Close(vcpu);
    });

    private static void Devices() => With(VmType.DefaultVm, (system, vm) =>
    {
        Assert.Equal(Errno.ENODEV, vm.TryCreateDevice((KvmDeviceType)999, out _, CreateDeviceFlags.None).Errno);
        Assert.True(vm.TryCreateDevice(KvmDeviceType.Vfio, out Fd device, CreateDeviceFlags.None).IsOk);
        Iommu.Close(device);
    });

    private static (ExitReason Why, ushort Port, byte Data) Io(UserMemory shared)
    {
        KvmRun run = Read(shared);
        Assert.True(KvmExitIo.TryRead(run.Exit, out KvmExitIo io));
        byte[] data = new byte[1];
        shared.Read(io.DataOffset, data);
        return (run.ExitReason, io.Port, data[0]);
    }

    public static KvmRun Read(UserMemory shared)
    {
        byte[] bytes = new byte[KvmRun.ByteSize];
        shared.Read(0, bytes);
        Assert.True(KvmRun.TryRead(bytes, out KvmRun run));
        return run;
    }

    public static void With(VmType type, Action<KvmClient, KvmVmClient> what)
    {
        Fd kvm = Open();
        KvmClient system = new(Iommu.Linux, kvm, Outcomes.Hub);
        Fd vm = system.CreateVm(type);
        what(system, new KvmVmClient(Iommu.Linux, vm, Outcomes.Hub));
        Iommu.Close(vm);
        Iommu.Close(kvm);
    }
}
