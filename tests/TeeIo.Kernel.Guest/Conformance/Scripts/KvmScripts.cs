using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;

namespace TeeIo.Kernel.Guest.Conformance.Scripts;

/// <summary>KVM: the system, VMs plain and protected, their memory, and a vCPU's exits.</summary>
internal static class KvmScripts
{
    private const ulong Page = Session.Page;
    private const MemoryFlags Private = MemoryFlags.GuestMemfd;

    public static IReadOnlyList<Script> All { get; } =
    [
        new("kvm: system", System),
        new("kvm: capabilities", Capabilities),
        new("kvm: vCPUs", Vcpus),
        new("kvm: memory slots", Slots),
        new("kvm: errors of memory slots", SlotErrors),
        new("kvm: guest_memfd", GuestMemfd),
        new("kvm: guest_memfd of a plain VM", GuestMemfdOfPlainVm),
        new("kvm: memory attributes", Attributes),
        new("kvm: VFIO device", VfioDevice),
        new("kvm: interrupts", Interrupts),
        new("kvm: capabilities to enable", EnableCapabilities),
        new("kvm: a guest that reads and writes where nothing is", Mmio),
        new("kvm: a guest with memory", Memory),
        new("kvm: a vCPU that is told to leave at once", Immediate),
        new("kvm: a vCPU's file", VcpuFile),
    ];

    public static KvmVmClient Vm(Session s, out KvmClient kvm, VmType type = VmType.DefaultVm)
    {
        kvm = s.Kvm();
        kvm.TryCreateVm(type, out Fd vm);
        return s.Vm(s.Keep(vm));
    }

    private static void System(Session s)
    {
        KvmClient kvm = s.Kvm();
        kvm.TryGetApiVersion();
        kvm.TryCreateVm(VmType.DefaultVm, out Fd plain);
        s.Keep(plain);
        kvm.TryCreateVm(VmType.SwProtectedVm, out Fd vm);
        s.Keep(vm);
        kvm.TryCreateVm((VmType)77, out _);
        kvm.TryCreateVm(VmType.TdxVm, out _);
        s.Raw(kvm.Fd, IommufdCalls.IoasAlloc, new byte[12]);
        s.Raw(vm, IommufdCalls.IoasAlloc, new byte[12]);
        s.Raw(vm, KvmCalls.GetApiVersion);
        s.Read(kvm.Fd, 0, 4);
        s.Read(vm, 0, 4);
        s.Map(kvm.Fd, 0, Page);
    }

    private static void Capabilities(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        foreach (KvmCapability capability in new[]
        {
            KvmCapability.UserMemory, KvmCapability.SyncMmu, KvmCapability.ReadonlyMem, KvmCapability.DeviceCtrl, KvmCapability.EnableCapVm, KvmCapability.CheckExtensionVm, KvmCapability.ImmediateExit,
            KvmCapability.UserMemory2, KvmCapability.MemoryFaultInfo, KvmCapability.ExitHypercall, KvmCapability.GuestMemfd, KvmCapability.MemoryAttributes, KvmCapability.VmTypes,
            KvmCapability.NrMemslots, KvmCapability.MaxVcpus, KvmCapability.MaxVcpuId, KvmCapability.OneReg, (KvmCapability)9999,
        })
        {
            kvm.TryCheckExtension(capability);
        }

        kvm.TryGetVcpuMmapSize();
    }

    private static void Vcpus(Session s)
    {
        KvmVmClient vm = Vm(s, out _);
        Create(0);
        Create(0);
        Create(5);
        Create(1ul << 32);
        Create(ulong.MaxValue);
        Create(1 << 20);

        void Create(ulong id)
        {
            vm.TryCreateVcpu(id, out Fd vcpu);
            s.Keep(vcpu);
        }
    }

    private static void Slot(Session s, KvmVmClient vm, uint slot, ulong at, ulong length, ulong offset = 0, MemoryFlags flags = MemoryFlags.None, Fd? file = null, ulong start = 0) =>
        vm.TrySetUserMemoryRegion2(slot, flags, at, length, s.Memory, s.Start + offset, start, file ?? Fd.None);

    private static void Slots(Session s)
    {
        KvmVmClient vm = Vm(s, out _);
        Slot(s, vm, 0, 0, 4 * Page);
        Slot(s, vm, 1, 3 * Page, Page);
        Slot(s, vm, 1, 4 * Page, Page);
        Slot(s, vm, 1, 4 * Page, Page);
        Slot(s, vm, 1, 8 * Page, Page);
        Slot(s, vm, 1, 3 * Page, Page);
        Slot(s, vm, 1, 8 * Page, 2 * Page);
        Slot(s, vm, 1, 8 * Page, Page, Page);
        Slot(s, vm, 1, 8 * Page, Page, 0, MemoryFlags.Readonly);
        Slot(s, vm, 1, 8 * Page, Page, 0, MemoryFlags.LogDirtyPages);
        Slot(s, vm, 1, 8 * Page, Page);
        Slot(s, vm, 1, 0, 0);
        Slot(s, vm, 1, 0, 0);
        Slot(s, vm, 2, 8 * Page, Page, 0, MemoryFlags.Readonly);
        Slot(s, vm, 2, 9 * Page, Page, 0, MemoryFlags.Readonly);
        Slot(s, vm, 0, 0, 0);
        vm.TrySetUserMemoryRegion(3, MemoryFlags.None, 0, Page, s.Memory, s.Start);
        vm.TrySetUserMemoryRegion(3, MemoryFlags.None, 0, 0, s.Memory, s.Start);
    }

    private static void SlotErrors(Session s)
    {
        KvmVmClient vm = Vm(s, out _);
        Slot(s, vm, 0, 100, Page);
        Slot(s, vm, 0, 0, 100);
        Slot(s, vm, 0, 0, Page, 100);
        Slot(s, vm, 0, 0, Page, 0, (MemoryFlags)(1 << 20));
        Slot(s, vm, 1 << 15, 0, Page);
        Slot(s, vm, 1 << 20, 0, Page);
        Slot(s, vm, 500, 0, Page);
        Slot(s, vm, 508, 2 * Page, Page);
        Slot(s, vm, 509, 4 * Page, Page);
        Slot(s, vm, 511, 6 * Page, Page);
        Slot(s, vm, 32763, 12 * Page, Page);
        Slot(s, vm, 32764, 14 * Page, Page);
        Slot(s, vm, 0, ulong.MaxValue - Page + 1, 2 * Page);
        Slot(s, vm, 0, ulong.MaxValue - Page + 1, Page);
        Slot(s, vm, 0, 1ul << 50, 1ul << 45);
        Slot(s, vm, 0, 0, ulong.MaxValue - Page + 1);
        vm.TrySetUserMemoryRegion2(7, MemoryFlags.None, 20 * Page, Page, null, 0, 0, Fd.None);
        Slot(s, vm, 0, 30 * Page, Page, 0, Private, new Fd(999));
        Slot(s, vm, 0, 30 * Page, Page, 0, Private | MemoryFlags.Readonly, new Fd(999));
        Slot(s, vm, 0, 30 * Page, Page, 0, Private | MemoryFlags.LogDirtyPages, new Fd(999));
    }

    private static void GuestMemfd(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm, VmType.SwProtectedVm);
        vm.TryCreateGuestMemfd(100, GuestMemfdFlags.None, out _);
        vm.TryCreateGuestMemfd(0, GuestMemfdFlags.None, out _);
        vm.TryCreateGuestMemfd(1ul << 63, GuestMemfdFlags.None, out _);
        vm.TryCreateGuestMemfd(Page, (GuestMemfdFlags)(1 << 20), out _);
        vm.TryCreateGuestMemfd(8 * Page, GuestMemfdFlags.None, out Fd memory);
        s.Keep(memory);
        s.Read(memory, 0, 4);
        s.Map(memory, 0, Page);
        Slot(s, vm, 0, 0, 2 * Page, 0, Private, memory);
        Slot(s, vm, 0, 0, 2 * Page, 0, Private, memory);
        Slot(s, vm, 0, 16 * Page, 2 * Page, 0, MemoryFlags.None);
        Slot(s, vm, 1, 2 * Page, 2 * Page, 0, Private, memory, Page);
        Slot(s, vm, 1, 2 * Page, 2 * Page, 0, Private, memory, 2 * Page);
        Slot(s, vm, 2, Page, 2 * Page, 0, Private, memory, 4 * Page);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, memory, 7 * Page);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, memory, 100);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, memory, ulong.MaxValue - Page + 1);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, memory, 16 * Page);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, new Fd(999));
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private, kvm.Fd);
        Slot(s, vm, 2, 8 * Page, 2 * Page, 0, Private | MemoryFlags.Readonly, memory, 4 * Page);
        kvm.TryCreateVm(VmType.SwProtectedVm, out Fd other);
        Slot(s, s.Vm(s.Keep(other)), 0, 0, 2 * Page, 0, Private, memory, 4 * Page);
        Slot(s, vm, 1, 0, 0);
        Slot(s, vm, 1, 2 * Page, 2 * Page, 0, Private, memory, 2 * Page);
        s.Close(memory);
        Slot(s, vm, 0, 0, 0);
        Slot(s, vm, 1, 0, 0);
    }

    private static void GuestMemfdOfPlainVm(Session s)
    {
        KvmVmClient vm = Vm(s, out _);
        vm.TryCreateGuestMemfd(Page, GuestMemfdFlags.None, out Fd memory);
        s.Keep(memory);
        Slot(s, vm, 0, 0, Page, 0, Private, memory);
        vm.TryCreateGuestMemfd(Page, (GuestMemfdFlags)(1 << 20), out _);
    }

    private static void Attributes(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm, VmType.SwProtectedVm);
        vm.TrySetMemoryAttributes(0, Page, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(0, 4 * Page, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(0, 4 * Page, MemoryAttributes.None);
        vm.TrySetMemoryAttributes(100, Page, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(0, 100, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(0, 0, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(0, Page, (MemoryAttributes)(1 << 20));
        vm.TrySetMemoryAttributes(ulong.MaxValue - Page + 1, Page, MemoryAttributes.Private);
        vm.TrySetMemoryAttributes(ulong.MaxValue - (2 * Page) + 1, Page, MemoryAttributes.Private);
        kvm.TryCreateVm(VmType.DefaultVm, out Fd plain);
        s.Vm(s.Keep(plain)).TrySetMemoryAttributes(0, Page, MemoryAttributes.Private);
        s.Vm(plain).TrySetMemoryAttributes(0, Page, MemoryAttributes.None);
    }

    private static void VfioDevice(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        vm.TryCreateDevice((KvmDeviceType)999, out _, CreateDeviceFlags.None);
        vm.TryCreateDevice((KvmDeviceType)999, out _, CreateDeviceFlags.Test);
        vm.TryCreateDevice(KvmDeviceType.Vfio, out _, CreateDeviceFlags.Test);
        vm.TryCreateDevice(KvmDeviceType.Vfio, out Fd group, CreateDeviceFlags.None);
        s.Keep(group);
        vm.TryCreateDevice(KvmDeviceType.Vfio, out Fd second, CreateDeviceFlags.None);
        s.Keep(second);
        vm.TryCreateDevice(KvmDeviceType.Vfio, out second, (CreateDeviceFlags)(1 << 5));
        s.Keep(second);
        KvmDeviceClient device = s.VmDevice(group);
        Fd file = s.Device().Fd;
        device.TryVfioFileAdd(new Fd(999));
        device.TryVfioFileAdd(kvm.Fd);
        device.TryVfioFileAdd(file);
        device.TryVfioFileAdd(file);
        device.TryVfioFileDel(new Fd(999));
        device.TryVfioFileDel(kvm.Fd);
        device.TryVfioFileDel(file);
        device.TryVfioFileDel(file);
        device.TrySetDeviceAttr(1, 9, new byte[4]);
        device.TrySetDeviceAttr(9, 1, new byte[4]);
        device.TryHasDeviceAttr(1, 1, new byte[4]);
        device.TryHasDeviceAttr(1, 9, new byte[4]);
        device.TryHasDeviceAttr(9, 1, new byte[4]);
        device.TryGetDeviceAttr(1, 1, new byte[4]);
        s.Raw(group, IommufdCalls.IoasAlloc, new byte[12]);
        s.Close(group);
        vm.TryCreateDevice(KvmDeviceType.Vfio, out group, CreateDeviceFlags.None);
        s.Keep(group);
    }

    private static void Interrupts(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        vm.TryIrqfd(new Fd(999), 5, (IrqfdFlags)(1 << 9), Fd.None);
        vm.TryIrqfd(new Fd(999), 5, IrqfdFlags.None, Fd.None);
        vm.TryIrqfd(kvm.Fd, 5, IrqfdFlags.None, Fd.None);
        vm.TryIrqfd(new Fd(999), 5, IrqfdFlags.Deassign, Fd.None);
        vm.TryIrqfd(kvm.Fd, 5, IrqfdFlags.Deassign, Fd.None);
        vm.TryIrqfd(kvm.Fd, 5, IrqfdFlags.Resample, Fd.None);
    }

    private static void EnableCapabilities(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient _);
        vm.TryEnableCap(KvmCapability.ExitHypercall, [0]);
        vm.TryEnableCap(KvmCapability.ExitHypercall, [1ul << (int)KvmHypercall.MapGpaRange]);
        vm.TryEnableCap(KvmCapability.ExitHypercall, [ulong.MaxValue]);
        vm.TryEnableCap((KvmCapability)9999, [0]);
    }

    private static (KvmVcpuClient Cpu, UserMemory? Run) Start(Session s, KvmVmClient vm, KvmClient kvm, params IReadOnlyList<GuestStep> program)
    {
        s.Load(vm.Fd, program);
        vm.TryCreateVcpu(0, out Fd vcpu);
        s.Keep(vcpu);
        SysResult size = kvm.TryGetVcpuMmapSize();
        UserMemory? run = s.Target.Transport.Map(vcpu, 0, (ulong)size.Value, out _);
        return (s.Vcpu(vcpu), run);
    }

    private static void Mmio(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        (KvmVcpuClient cpu, UserMemory? run) = Start(s, vm, kvm, new(0x1000, 1), new(0x2001, 1, 0x42), new(0x3002, 2), new(0x1234, 2, 0xBEEF));
        for (int i = 0; i < 4; i++)
        {
            cpu.TryRun();
            s.Exit(run);
            Session.Answer(run, 0x1234);
        }

        cpu.TryRun();
        s.Exit(run);
        run?.Dispose();
    }

    private static void Memory(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        Slot(s, vm, 0, 0x1000, 2 * Page);
        Slot(s, vm, 1, 0x4000, Page, 4 * Page, MemoryFlags.Readonly);
        (KvmVcpuClient cpu, UserMemory? run) = Start(
            s, vm, kvm, new(0x1010, 1, 0x42), new(0x1010, 1), new(0x2FFF, 1, 0x99), new(0x3000, 1, 0x11), new(0x4000, 2), new(0x4000, 2, 0x2222), new(0x4000, 2));
        for (int i = 0; i < 3; i++)
        {
            cpu.TryRun();
            s.Exit(run);
        }

        byte[] bytes = new byte[1];
        s.Memory.Read(s.Start + 0x10, bytes);
        s.Note("memory", Convert.ToHexString(bytes));
        s.Memory.Read(s.Start + (2 * Page) - 1, bytes);
        s.Note("memory", Convert.ToHexString(bytes));
        run?.Dispose();
    }

    private static void Immediate(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        (KvmVcpuClient cpu, UserMemory? run) = Start(s, vm, kvm, new(0x1000, 1, 7), new(0x1000, 1));
        Session.ExitAtOnce(run, true);
        cpu.TryRun();
        Session.ExitAtOnce(run, false);
        cpu.TryRun();
        s.Exit(run);
        Session.ExitAtOnce(run, true);
        cpu.TryRun();
        Session.ExitAtOnce(run, false);
        cpu.TryRun();
        s.Exit(run);
        run?.Dispose();
    }

    private static void VcpuFile(Session s)
    {
        KvmVmClient vm = Vm(s, out KvmClient kvm);
        vm.TryCreateVcpu(0, out Fd vcpu);
        s.Keep(vcpu);
        s.Read(vcpu, 0, 4);
        s.Raw(vcpu, IommufdCalls.IoasAlloc, new byte[12]);
        s.Close(vm.Fd);
        s.Raw(vcpu, KvmCalls.GetApiVersion);
        s.Close(vcpu);
        s.Raw(vcpu, KvmCalls.GetApiVersion);
        kvm.TryGetApiVersion();
    }
}
