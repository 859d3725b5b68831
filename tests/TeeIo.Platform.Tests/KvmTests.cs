using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

public sealed class KvmTests
{
    private const ulong Page = PhysicalMemory.PageSize;

    [Fact]
    public void A_slot_over_another_is_EEXIST() => TestMachine.Run((machine, process) =>
    {
        KvmVmClient vm = machine.Vm(process);
        using UserMemory memory = process.Allocate(4 * Page);
        Assert.True(vm.TrySetUserMemoryRegion2(0, default, 0, 4 * Page, memory, 0, 0, default).IsOk);
        Assert.Equal(Errno.EEXIST, vm.TrySetUserMemoryRegion2(1, default, 3 * Page, 4 * Page, memory, 0, 0, default).Errno);
        Assert.True(vm.TrySetUserMemoryRegion2(1, default, 4 * Page, 4 * Page, memory, 0, 0, default).IsOk);
        Assert.True(vm.TrySetUserMemoryRegion2(0, default, 0, 0, memory, 0, 0, default).IsOk);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, default, 0, 0, memory, 0, 0, default).Errno);
    });

    [Fact]
    public void A_malformed_slot_or_a_file_of_another_kind_is_EINVAL_and_no_file_EBADF() => TestMachine.Run((machine, process) =>
    {
        KvmVmClient vm = machine.Vm(process);
        using UserMemory memory = process.Allocate(4 * Page);
        Fd memfd = vm.CreateGuestMemfd(4 * Page, default);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, default, 1, Page, memory, 0, 0, default).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, (MemoryFlags)0x8000, 0, Page, memory, 0, 0, default).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, MemoryFlags.GuestMemfd | AssignedSetup.DmaBufSlot, 0, Page, memory, 0, 0, memfd).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, 5 * Page, memory, 0, 0, memfd).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, AssignedSetup.DmaBufSlot, 0, Page, memory, 0, 0, memfd).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, Page, memory, 0, 0, vm.Fd).Errno);
        Assert.Equal(Errno.EBADF, vm.TrySetUserMemoryRegion2(0, AssignedSetup.DmaBufSlot, 0, Page, memory, 0, 0, new Fd(99)).Errno);
        Assert.True(vm.TrySetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, 4 * Page, memory, 0, 0, memfd).IsOk);
        Assert.Equal(Errno.EINVAL, vm.TrySetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 8 * Page, 4 * Page, memory, 0, 0, memfd).Errno);
    });

    [Fact]
    public void Attributes_are_checked() => TestMachine.Run((machine, process) =>
    {
        KvmVmClient vm = machine.Vm(process);
        Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(1, Page, MemoryAttributes.Private).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(0, 0, MemoryAttributes.Private).Errno);
        Assert.Equal(Errno.EINVAL, vm.TrySetMemoryAttributes(0, Page, (MemoryAttributes)1).Errno);
        Assert.Equal(Errno.ENOMEM, vm.TrySetMemoryAttributes(0, 1UL << 62, MemoryAttributes.Private).Errno);
        Assert.True(vm.TrySetMemoryAttributes(0, 1UL << 62, default).IsOk);
        Assert.True(vm.TrySetMemoryAttributes(0, Page, MemoryAttributes.Private).IsOk);
        var plain = new KvmVmClient(process, new KvmClient(process, TestMachine.Open(process, "/dev/kvm"), machine.Hub).CreateVm(VmType.DefaultVm), machine.Hub);
        Assert.Equal(Errno.EINVAL, plain.TrySetMemoryAttributes(0, Page, MemoryAttributes.Private).Errno);
        Assert.True(plain.TrySetMemoryAttributes(0, Page, MemoryAttributes.None).IsOk);
        Assert.True(plain.TryCreateGuestMemfd(Page, default, out _).IsOk);
    });

    [Fact]
    public void A_VM_of_another_vendor_and_a_vCPU_twice_are_refused() => TestMachine.Run((machine, process) =>
    {
        KvmVmClient vm = machine.Vm(process);
        Assert.Equal(Errno.EINVAL, new KvmClient(process, TestMachine.Open(process, "/dev/kvm"), machine.Hub).TryCreateVm(VmType.SevVm, out _).Errno);
        vm.CreateVcpu(0);
        Assert.Equal(Errno.EEXIST, vm.TryCreateVcpu(0, out _).Errno);
        Assert.Equal(Errno.EINVAL, vm.TryCreateVcpu(1000, out _).Errno);
        Assert.True(vm.TryCreateDevice(KvmDeviceType.Vfio, out Fd device, default).IsOk);
        Assert.Equal(Errno.EBUSY, vm.TryCreateDevice(KvmDeviceType.Vfio, out _, default).Errno);
        Assert.Equal(Errno.ENODEV, vm.TryCreateDevice(KvmDeviceType.ArmVgicV3, out _, default).Errno);
        var vfio = new KvmDeviceClient(process, device, machine.Hub);
        Fd file = TestMachine.Open(process, "/dev/vfio/devices/vfio0");
        Assert.True(vfio.TryVfioFileAdd(file).IsOk);
        Assert.Equal(Errno.EEXIST, vfio.TryVfioFileAdd(file).Errno);
        Assert.Equal(Errno.EINVAL, vfio.TryVfioFileAdd(device).Errno);
        Assert.Equal(Errno.EBADF, vfio.TryVfioFileAdd(new Fd(99)).Errno);
        Assert.True(vfio.TryVfioFileDel(file).IsOk);
        Assert.Equal(Errno.ENOENT, vfio.TryVfioFileDel(file).Errno);
    });

    [Fact]
    public void A_private_page_comes_from_the_guest_memfd_and_the_host_reads_ciphertext() => TestMachine.Run((machine, process) =>
    {
        byte[] secret = [.. Enumerable.Repeat((byte)0x5A, 256)];
        byte[] read = new byte[256];
        process.Guest = guest => Assert.True(guest.TryWrite(0x2000, secret, isPrivate: true) && guest.TryRead(0x2000, read, isPrivate: true));
        using var run = new RunningVm(machine, process);
        run.Vm.SetMemoryAttributes(0, 8 * Page, MemoryAttributes.Private);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal(ExitReason.Shutdown, run.Reason);
        Assert.Equal(secret, read);
        byte[] seen = new byte[256];
        machine.Memory.Read(machine.Vendor.PrivatePages(0)[2], seen, KeyId.Shared);
        Assert.NotEqual(secret, seen);
        run.Memory.Read(0x2000, seen);
        Assert.Equal(new byte[256], seen);
    });

    [Fact]
    public void A_private_access_to_a_shared_page_is_a_memory_fault_that_user_space_resolves() => TestMachine.Run((machine, process) =>
    {
        bool ok = false;
        process.Guest = guest => ok = guest.TryWrite(0x3008, [1], isPrivate: true);
        using var run = new RunningVm(machine, process);
        Assert.Equal(Errno.EFAULT, run.Vcpu.TryRun().Errno);
        Assert.Equal(ExitReason.MemoryFault, run.Reason);
        KvmExitMemoryFault fault = run.Exit<KvmExitMemoryFault>();
        Assert.Equal((MemoryFaultFlags.Private, 0x3000UL, Page), (fault.Flags, fault.Gpa, fault.Size));
        run.Vm.SetMemoryAttributes(fault.Gpa, fault.Size, MemoryAttributes.Private);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.True(ok);
    });

    [Fact]
    public void A_fault_that_user_space_ignores_fails_the_guests_access_and_not_the_guest() => TestMachine.Run((machine, process) =>
    {
        bool? ok = null;
        process.Guest = guest => ok = guest.TryWrite(0x3000, [1], isPrivate: true);
        using var run = new RunningVm(machine, process);
        Assert.Equal(Errno.EFAULT, run.Vcpu.TryRun().Errno);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal(ExitReason.Shutdown, run.Reason);
        Assert.False(ok);
    });

    [Fact]
    public void A_shared_access_to_a_private_page_is_a_memory_fault_without_the_private_flag() => TestMachine.Run((machine, process) =>
    {
        process.Guest = guest => Assert.True(guest.TryWrite(0x1000, [7], isPrivate: false));
        using var run = new RunningVm(machine, process);
        run.Vm.SetMemoryAttributes(0, 8 * Page, MemoryAttributes.Private);
        Assert.Equal(Errno.EFAULT, run.Vcpu.TryRun().Errno);
        Assert.Equal(default, run.Exit<KvmExitMemoryFault>().Flags);
        run.Vm.SetMemoryAttributes(0x1000, Page, default);
        Assert.True(run.Vcpu.TryRun().IsOk);
        byte[] seen = new byte[1];
        run.Memory.Read(0x1000, seen);
        Assert.Equal(7, seen[0]);
    });

    [Fact]
    public void A_configuration_read_leaves_as_MMIO_at_the_window_and_returns_the_answer() => TestMachine.Run((machine, process) =>
    {
        uint value = 0;
        process.Guest = guest => value = guest.ReadConfig(0x18, 4, 2);
        using var run = new RunningVm(machine, process);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal(ExitReason.Mmio, run.Reason);
        KvmExitMmio mmio = run.Exit<KvmExitMmio>();
        Assert.Equal((process.ConfigWindow + (0x18UL << 12) + 4, 2u, (byte)0), (mmio.PhysAddr, mmio.Len, mmio.IsWrite));
        Span<byte> data = mmio.Data;
        data[0] = 0x34;
        data[1] = 0x12;
        run.Answer(in mmio);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal(0x1234u, value);
    });

    [Fact]
    public void A_call_goes_to_user_space_or_is_answered_by_the_kernel_as_the_vendor_says() => TestMachine.Run((machine, process) =>
    {
        ulong answer = 0;
        process.Guest = guest =>
        {
            RegisterFile registers = default;
            guest.Instructions.Call(KvmCalls.Run, ref registers);
            registers[Register.Rax] = 9;
            guest.Instructions.Call(KvmCalls.Run, ref registers);
            answer = registers[Register.Rax];
        };
        using var run = new RunningVm(machine, process);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal((ExitReason)40, run.Reason);
        Assert.Equal(9, run.ExitByte(0));
        run.SetExitByte(1, 77);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal(77UL, answer);
    });

    [Fact]
    public void Closing_a_vCPU_ends_a_guest_that_waits() => TestMachine.Run((machine, process) =>
    {
        bool ended = false;
        process.Guest = guest =>
        {
            try
            {
                guest.ReadConfig(0, 0, 4);
            }
            finally
            {
                ended = true;
            }
        };
        using (var run = new RunningVm(machine, process)) run.Vcpu.TryRun();
        machine.WaitUntil(() => ended);
    });

    [Fact]
    public void Immediate_exit_returns_EINTR_without_entering() => TestMachine.Run((machine, process) =>
    {
        bool entered = false;
        process.Guest = _ => entered = true;
        using var run = new RunningVm(machine, process);
        run.SetImmediateExit(1);
        Assert.Equal(Errno.EINTR, run.Vcpu.TryRun().Errno);
        Assert.False(entered);
        run.SetImmediateExit(0);
        Assert.True(run.Vcpu.TryRun().IsOk);
    });

    [Fact]
    public void Private_MMIO_is_gone_and_shared_again_after_a_revoke() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.MapBar();
        setup.Seed.TryTsmBind(setup.Vdevice);
        setup.Vm.SetMemoryAttributes(AssignedSetup.BarGpa, 2 * Page, MemoryAttributes.Private);
        Assert.Equal(TestMachine.Bar, machine.Vendor.PrivatePages(0)[AssignedSetup.BarGpa / Page]);
        setup.Seed.TryTsmUnbind();
        Assert.Empty(machine.Vendor.PrivatePages(0));
        bool ok = false;
        process.Guest = guest => ok = guest.TryWrite(AssignedSetup.BarGpa, [1, 2, 3, 4], isPrivate: false);
        var vcpu = new KvmVcpuClient(process, setup.Vm.CreateVcpu(0), machine.Hub);
        Assert.True(vcpu.TryRun().IsOk);
        Assert.True(ok);
    });

    [Fact]
    public void Allocated_private_pages_are_zero_and_usable() => TestMachine.Run((machine, process) =>
    {
        byte[] read = [.. Enumerable.Repeat((byte)9, 16)];
        ulong hidden = 0;
        ulong shared = 0;
        process.Guest = guest =>
        {
            hidden = guest.AllocatePages(2, isPrivate: true);
            shared = guest.AllocatePages(1, isPrivate: false);
            guest.TryRead(hidden + Page, read, isPrivate: true);
        };
        using var run = new RunningVm(machine, process);
        run.Vm.SetMemoryAttributes(0, 4 * Page, MemoryAttributes.Private);
        Assert.True(run.Vcpu.TryRun().IsOk);
        Assert.Equal((Page, 7 * Page), (hidden, shared));
        Assert.Equal(new byte[16], read);
    });

    /// <summary>A VM of eight pages with one vCPU.</summary>
    private sealed class RunningVm : IDisposable
    {
        private readonly UserMemory _run;
        private readonly SoftwareProcess _process;

        public RunningVm(TestMachine machine, SoftwareProcess process)
        {
            _process = process;
            Vm = machine.Vm(process);
            Memory = process.Allocate(8 * Page);
            Vm.SetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, 8 * Page, Memory, 0, 0, Vm.CreateGuestMemfd(8 * Page, default));
            Vcpu = new KvmVcpuClient(process, Vm.CreateVcpu(0), machine.Hub);
            _run = process.Map(Vcpu.Fd, 0, Page, out _)!;
        }

        public KvmVmClient Vm { get; }

        public UserMemory Memory { get; }

        public KvmVcpuClient Vcpu { get; }

        public ExitReason Reason => Run().ExitReason;

        public T Exit<T>()
            where T : struct
        {
            KvmRun run = Run();
            return MemoryMarshal.Read<T>(run.Exit);
        }

        public byte ExitByte(int index)
        {
            KvmRun run = Run();
            return run.Exit[index];
        }

        public void SetExitByte(int index, byte value)
        {
            KvmRun run = Run();
            run.Exit[index] = value;
            Store(in run);
        }

        public void Answer(in KvmExitMmio mmio)
        {
            KvmRun run = Run();
            MemoryMarshal.Write(run.Exit, in mmio);
            Store(in run);
        }

        public void SetImmediateExit(byte value)
        {
            KvmRun run = Run();
            run.ImmediateExit = value;
            Store(in run);
        }

        public void Dispose()
        {
            _run.Dispose();
            _process.Close(Vcpu.Fd);
        }

        private KvmRun Run()
        {
            byte[] bytes = new byte[KvmRun.ByteSize];
            _run.Read(0, bytes);
            return MemoryMarshal.Read<KvmRun>(bytes);
        }

        private void Store(in KvmRun run)
        {
            byte[] bytes = new byte[KvmRun.ByteSize];
            MemoryMarshal.Write(bytes, in run);
            _run.Write(0, bytes);
        }
    }
}
