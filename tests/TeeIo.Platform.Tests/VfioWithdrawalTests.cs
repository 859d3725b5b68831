using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Flow.Invariants;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.PciCore;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Kernel;
using TeeIo.Tsm;

namespace TeeIo.Platform.Tests;

/// <summary>What takes a function away is refused while it is bound, where its user asks; where the admin does, it is unbound first.</summary>
public sealed class VfioWithdrawalTests
{
    private const int DeviceControl = PlainFunction.Express + (int)ExpressRegister.Devctl;
    private const int PowerControl = PlainFunction.Power + (int)PowerRegister.Ctrl;

    /// <summary>Each write, of any size that reaches the bits: offset, bytes.</summary>
    public static TheoryData<int, byte[]> Writes => new()
    {
        { DeviceControl, [0x00, 0x80] },
        { DeviceControl + 1, [0x80] },
        { DeviceControl, [0x00, 0x80, 0x00, 0x00] },
        { PowerControl, [0x03, 0x00] },
        { PowerControl, [0x03] },
        { PowerControl, [0x01, 0x00, 0x00, 0x00] },
        { (int)ConfigRegister.Command, [0x00, 0x00] },
        { (int)ConfigRegister.Command, [0x02] },
        { (int)ConfigRegister.Command, [0x04, 0x00, 0x00, 0x00] },
    };

    [Theory]
    [MemberData(nameof(Writes))]
    public void A_bound_function_refuses_the_write_and_an_unbound_one_takes_it(int register, byte[] bytes) => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        SetCommand(setup, ConfigCommand.Memory | ConfigCommand.Master);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        uint before = machine.Functions[0].ReadConfig(register, sizeof(byte));
        Assert.Equal(Errno.EBUSY, Write(setup, register, bytes).Errno);
        Assert.Equal(before, machine.Functions[0].ReadConfig(register, sizeof(byte)));
        Assert.Equal(0, machine.Functions[0].Resets);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.True(Write(setup, register, bytes).IsOk);
        Assert.True(machine.Functions[0].ReadConfig(register, sizeof(byte)) != before || machine.Functions[0].Resets == 1);
    });

    [Fact]
    public void A_bound_function_takes_writes_that_take_nothing_away() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.True(Write(setup, DeviceControl, [0x01, 0x00]).IsOk);
        Assert.True(Write(setup, PowerControl, [0x00, 0x01]).IsOk);
        SetCommand(setup, ConfigCommand.Memory | ConfigCommand.Master);
        Assert.Equal(0x01u, machine.Functions[0].ReadConfig(DeviceControl, sizeof(byte)));
    });

    [Fact]
    public void A_sleeping_function_decodes_nothing_until_it_wakes() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        using UserMemory bar = setup.MapBarInProcess();
        Assert.True(Write(setup, PowerControl, [(byte)PowerState.D3hot, 0]).IsOk);
        Assert.Throws<BusErrorException>(() => bar.Read(0, new byte[4]));
        Assert.True(Write(setup, PowerControl, [(byte)PowerState.D0, 0]).IsOk);
        bar.Read(0, new byte[4]);
    });

    [Fact]
    public void A_capability_list_that_loops_ends_the_search() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        machine.Functions[0].WriteConfig(PlainFunction.Power, sizeof(ushort), (PlainFunction.Power << 8) | 0xFF);
        Assert.True(Write(setup, DeviceControl, [0x00, 0x80]).IsOk);
        Assert.Equal(0, machine.Functions[0].Resets);
    });

    [Fact]
    public void A_hot_reset_needs_every_function_of_the_bus_in_the_users_hands() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.Equal(Errno.EINVAL, machine.Device(process, 1).TryPciHotReset([]).Errno);
        Assert.Equal(Errno.EINVAL, setup.Device.TryPciHotReset([]).Errno);
        machine.Kernel.AddDevice(new PlainFunction(0x100, 0), machine.Physical);
        Assert.Equal(Errno.EINVAL, setup.Device.TryPciHotReset([setup.Iommufd.Fd]).Errno);
        IommufdClient other = machine.Iommufd(process);
        VfioDeviceClient second = machine.Device(process, 1);
        second.BindIommufd(default, other.Fd, []);
        Assert.Equal(Errno.EINVAL, setup.Device.TryPciHotReset([]).Errno);
        process.Close(second.Fd);
        machine.Functions.ForEach(f => Assert.Equal(f.Address.RequesterId == 0x102 ? 1 : 0, f.Resets));
        Assert.True(setup.Device.TryPciHotReset([]).IsOk);
        Assert.Equal((1, 2), (machine.Functions[0].Resets, machine.Functions[1].Resets));
    });

    [Fact]
    public void A_hot_reset_is_refused_while_any_function_of_the_bus_is_bound() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        machine.Kernel.AddDevice(new PlainFunction(0x100, 0), machine.Physical);
        VfioDeviceClient second = machine.Device(process, 1);
        second.BindIommufd(default, setup.Iommufd.Fd, []);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.Equal(Errno.EBUSY, second.TryPciHotReset([]).Errno);
        Assert.Equal(0, machine.Functions[1].Resets);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.True(second.TryPciHotReset([]).IsOk);
    });

    [Fact]
    public void A_function_that_leaves_the_bus_is_unbound_first_and_then_nobodys()
    {
        var recorder = new TraceRecorder();
        TestMachine.Run(
            (machine, process) =>
            {
                var setup = new AssignedSetup(machine, process);
                setup.MapBar();
                using UserMemory bar = setup.MapBarInProcess();
                Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
                setup.Vm.SetMemoryAttributes(AssignedSetup.BarGpa, 4096, MemoryAttributes.Private);
                Assert.True(machine.Kernel.Remove(machine.TsmFunctions[0], machine.Tsm.Remove).IsOk);
                Assert.Equal(["unmap mmio", "tear down", "unbind"], machine.Vendor.Log.TakeLast(3));
                Assert.DoesNotContain(machine.TsmFunctions[0], machine.Tsm.Functions);
                Assert.Throws<BusErrorException>(() => bar.Read(0, new byte[4]));
                Assert.Equal(Errno.ENODEV, setup.Device.TryReset().Errno);
                Assert.Equal(Errno.ENODEV, setup.Seed.TryTsmBind(setup.Vdevice).Errno);
                Assert.Equal(Errno.ENODEV, Write(setup, DeviceControl, [0x00, 0x80]).Errno);
                Assert.Equal(Errno.ENODEV, process.Read(setup.Device.Fd, 0, new byte[4]).Errno);
                Assert.Null(process.Map(setup.Device.Fd, 0, 4096, out Errno error));
                Assert.Equal(Errno.ENODEV, error);
                Assert.Equal(Errno.ENOENT, process.Open("/dev/vfio/devices/vfio0").Errno);
                Assert.Equal(Errno.ENODEV, machine.Kernel.Remove(machine.TsmFunctions[0], machine.Tsm.Remove).Errno);
            },
            observer: recorder);
        Crossing unbind = Assert.Single(recorder.Trace, c => c.Side == CrossingSide.Server && c.Call == HostTsmCalls.Unbind);
        Crossing remove = Assert.Single(recorder.Trace, c => c.Side == CrossingSide.Server && c.Call == PciFunctionOpsCalls.Remove);
        Assert.True(unbind.ClosedAt < remove.Sequence);
        Assert.Empty(InvariantMonitor.Check([new ResetOnlyUnboundInvariant(), new VmOutlivesTdisInvariant()], recorder.Trace));
    }

    [Fact]
    public void A_function_whose_teardown_failed_stays() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        machine.Vendor.UnbindResult = Errno.EIO;
        Assert.Equal(Errno.EBUSY, machine.Kernel.Remove(machine.TsmFunctions[0], machine.Tsm.Remove).Errno);
        Assert.Contains(machine.TsmFunctions[0], machine.Tsm.Functions);
        Assert.True(process.Open("/dev/vfio/devices/vfio0").IsOk);
        machine.Vendor.UnbindResult = default;
    });

    private static void SetCommand(AssignedSetup setup, ConfigCommand command) => Assert.True(Write(setup, (int)ConfigRegister.Command, [(byte)command, 0]).IsOk);

    private static SysResult Write(AssignedSetup setup, int register, byte[] bytes) => setup.Process.Write(setup.Device.Fd, setup.ConfigOffset + (ulong)register, bytes);
}
