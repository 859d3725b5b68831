using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

/// <summary>Teardowns that fail: nothing is forgotten, and another try goes on with what is left.</summary>
public sealed class TeardownRetryTests
{
    private const ulong Memory = 4 * PhysicalMemory.PageSize;

    [Fact]
    public void A_VM_whose_TDI_can_not_be_unbound_is_not_forgotten_and_goes_with_a_later_try() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        machine.Vendor.UnbindResult = Errno.EIO;
        machine.Vendor.DestroyResult = Errno.EBUSY;

        process.Exit();

        Assert.NotNull(machine.TsmFunctions[0].Tdi);
        Assert.Equal([machine.TsmFunctions[0].Tdi!.Vm], machine.Kernel.QuarantinedVms);
        Assert.Equal(0, machine.Functions[0].Resets);
        Assert.False(machine.Kernel.Retry().IsOk);
        Assert.Single(machine.Kernel.QuarantinedVms);

        (machine.Vendor.UnbindResult, machine.Vendor.DestroyResult) = (default, default);
        Assert.True(machine.Kernel.Retry().IsOk);
        Assert.Empty(machine.Kernel.QuarantinedVms);
        Assert.Equal(1, machine.Functions[0].Resets);
    });

    [Fact]
    public void A_function_that_could_not_be_unbound_is_neither_reset_nor_bound_to_another_VM() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.Seed.TryTsmBind(setup.Vdevice);
        machine.Vendor.UnbindResult = Errno.EIO;
        Assert.Equal(Errno.EBUSY, setup.Seed.TryTsmUnbind().Errno);

        Assert.Equal(Errno.EBUSY, setup.Device.TryReset().Errno);
        Assert.Equal(Errno.EEXIST, setup.Seed.TryTsmBind(setup.Vdevice).Errno);

        machine.Vendor.UnbindResult = default;
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.True(setup.Device.TryReset().IsOk);
    });

    [Fact]
    public void Trusted_tables_that_a_refused_bind_could_not_take_back_are_taken_back_before_the_next_one() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        (machine.Vendor.BindResult, machine.Vendor.TearDownResult) = (Errno.EPROTO, Errno.EIO);
        Assert.Equal(Errno.EPROTO, setup.Seed.TryTsmBind(setup.Vdevice).Errno);
        Assert.Equal(Errno.EBUSY, setup.Seed.TryTsmBind(setup.Vdevice).Errno);

        (machine.Vendor.BindResult, machine.Vendor.TearDownResult) = (default, default);
        machine.Vendor.Log.Clear();
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.Equal(["tear down", "set up", "bind"], machine.Vendor.Log);
    });

    [Fact]
    public void A_function_that_was_not_stopped_is_reset_before_its_memory_is_shared_again() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.Seed.TryTsmBind(setup.Vdevice);
        machine.Vendor.UsesServices = false;
        machine.TsmFunctions[0].NeedsReset = true;

        Assert.True(setup.Seed.TryTsmUnbind().IsOk);

        Assert.Equal(1, machine.Functions[0].Resets);
        Assert.False(machine.TsmFunctions[0].NeedsReset);
        setup.MapBarInProcess().Read(0, new byte[4]);
    });

    [Fact]
    public void Memory_that_an_importer_did_not_let_go_of_stays_withheld_until_another_try_succeeds() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.MapBar();
        machine.Vendor.UsesServices = false;
        setup.Seed.TryTsmBind(setup.Vdevice);
        setup.Vm.SetMemoryAttributes(AssignedSetup.BarGpa, PhysicalMemory.PageSize, MemoryAttributes.Private);
        machine.Vendor.UnmapMmioResult = Errno.EIO;

        Assert.Equal(Errno.EBUSY, setup.Seed.TryTsmUnbind().Errno);
        Assert.Throws<BusErrorException>(() => setup.MapBarInProcess().Read(0, new byte[4]));

        machine.Vendor.UnmapMmioResult = default;
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        setup.MapBarInProcess().Read(0, new byte[4]);
    });

    [Fact]
    public void A_private_page_that_can_not_be_unmapped_stays_out_of_use_until_its_VM_is_gone() => TestMachine.Run((machine, process) =>
    {
        int free = machine.Memory.FreePages;
        process.Guest = guest => Assert.True(guest.TryWrite(guest.AllocatePages(1, isPrivate: true), new byte[16], isPrivate: true));
        KvmVmClient vm = machine.Vm(process);
        vm.SetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, Memory, process.Allocate(Memory), 0, 0, vm.CreateGuestMemfd(Memory, default));
        vm.SetMemoryAttributes(0, Memory, MemoryAttributes.Private);
        Assert.True(new KvmVcpuClient(process, vm.CreateVcpu(0), machine.Hub).TryRun().IsOk);
        machine.Vendor.UnmapResult = Errno.EIO;
        machine.Vendor.DestroyResult = Errno.EIO;

        process.Exit();

        Assert.Equal(free - 1, machine.Memory.FreePages);
        machine.Vendor.DestroyResult = default;
        Assert.True(machine.Kernel.Retry().IsOk);
        Assert.Equal(free, machine.Memory.FreePages);
    });
}
