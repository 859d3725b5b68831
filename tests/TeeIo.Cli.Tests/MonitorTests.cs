using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.PciCore;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.ModelDevice;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests;

/// <summary>A user's own hub and machine with a monitor on it, as sdk/README.md says; and what an admin does to a TDI that runs.</summary>
public sealed class MonitorTests
{
    [Fact]
    public void A_right_life_on_a_users_own_hub_violates_nothing()
    {
        var monitor = new InvariantMonitor { ThrowsAtFirst = true };
        OneVm vm = Start(monitor);
        vm.Run(() => { });
        Assert.Empty(monitor.Violations);
        Assert.True(monitor.Crossings > 100);
        Assert.Equal([Errno.Ok], vm.Steps.Values.Distinct());
    }

    [Fact]
    public void A_careless_driver_stops_the_run_where_it_resets_a_bound_function()
    {
        var monitor = new InvariantMonitor { ThrowsAtFirst = true };
        OneVm vm = Start(monitor);
        var careless = new PciFunctionOpsBoundary(new CarelessDriver(), vm.Hub, null);
        var thrown = Assert.Throws<InvariantViolationException>(() => vm.Run(() =>
        {
            careless.Reset(vm.Machine.Functions[1], ResetKind.Function);
            Assert.Fail("The monitor let it pass.");
        }));
        Assert.StartsWith("8 ", thrown.Violation.Invariant, StringComparison.Ordinal);
        Assert.Same(PciFunctionOpsCalls.Reset, thrown.Violation.Crossing.Call);
    }

    [Fact]
    public void TEE_pages_in_the_hosts_reach_are_seen_live()
    {
        // The bind withholds the pages and the TDI is locked in one go; recovering them behind the kernel's back while it runs is what must not happen.
        List<Violation> found = [];
        OneVm vm = Start(new InvariantMonitor { Found = found.Add });
        vm.Run(() =>
        {
            using UserMemory? bar = vm.MapBar();
            Assert.NotNull(bar);
            Assert.Empty(found);
            vm.Machine.Kernel.TdiServices.EnableMmio(vm.Machine.Functions[1].Tdi!);
            Assert.True(vm.Cross());
            Assert.StartsWith("3 ", Assert.Single(found).Invariant, StringComparison.Ordinal);
            Assert.Contains("page 0x0 of BAR 0", found[0].What, StringComparison.Ordinal);
            vm.Cross();
            Assert.Single(found);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_admin_takes_a_running_TDI_away_and_it_is_unbound_first(bool isUnplugged)
    {
        var monitor = new InvariantMonitor();
        var recorder = new TraceRecorder();
        OneVm vm = Start(monitor, recorder);
        SysResult result = default;
        vm.Run(() =>
        {
            result = isUnplugged ? vm.Machine.Unplug() : vm.Machine.DisableVirtualFunctions();
            Assert.Equal(TdiState.ConfigUnlocked, vm.Machine.Device.Functions[1].TdiState);
            Assert.Null(vm.Machine.Functions[1].Tdi);
        });
        Assert.True(result.IsOk, result.ToString());
        Assert.Empty(monitor.Violations);
        Assert.NotEqual(Errno.Ok, vm.Steps["work afterwards"]);
        Assert.Equal(isUnplugged ? [] : [vm.Machine.Functions[0]], vm.Machine.Tsm.Functions);
        Assert.Equal(SriovControl.None, (SriovControl)vm.Machine.Device.Functions[0].ReadConfig(ModelDeviceConstants.SriovCapability + (int)SriovRegister.Ctrl, sizeof(ushort)));
        Crossing unbind = Assert.Single(recorder.Trace, c => c.Side == CrossingSide.Server && c.Call == HostTsmCalls.Unbind);
        IEnumerable<Crossing> removals = recorder.Trace.Where(c => c.Side == CrossingSide.Server && c.Call == PciFunctionOpsCalls.Remove);
        Assert.Equal(isUnplugged ? [0x102UL, 0x101UL, 0x100UL] : [0x102UL, 0x101UL], removals.Select(FunctionOf));
        Assert.True(unbind.ClosedAt < removals.First(c => FunctionOf(c) == 0x101).Sequence);
        if (!isUnplugged) Assert.True(vm.Machine.Tsm.Functions[0].IsConnected);
        Assert.DoesNotContain(vm.Machine.Unaccounted(), _ => isUnplugged);
    }

    [Fact]
    public void The_VMM_can_neither_reset_nor_stop_a_running_TDI()
    {
        var monitor = new InvariantMonitor();
        OneVm vm = Start(monitor);
        vm.Run(() =>
        {
            VfioDeviceClient device = vm.Device;
            device.GetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
            Assert.Equal(Errno.EBUSY, device.TryReset().Errno);
            Assert.Equal(Errno.EINVAL, device.TryPciHotReset([]).Errno);
            const int Control = ModelDeviceConstants.ExpressCapability + (int)ExpressRegister.Devctl;
            const int Power = ModelDeviceConstants.PmCapability + (int)PowerRegister.Ctrl;
            Assert.Equal(Errno.EBUSY, vm.Process.Write(device.Fd, config + Control, [0x00, 0x80]).Errno);
            Assert.Equal(Errno.EBUSY, vm.Process.Write(device.Fd, config + Power, [(byte)PowerState.D3hot, 0]).Errno);
            Assert.Equal(Errno.EBUSY, vm.Process.Write(device.Fd, config + (ulong)ConfigRegister.Command, [(byte)ConfigCommand.Memory, 0]).Errno);
            Assert.Equal(TdiState.Run, vm.Machine.Device.Functions[1].TdiState);
        });
        Assert.Empty(monitor.Violations);
        Assert.Equal([Errno.Ok], vm.Steps.Values.Distinct());
    }

    [Theory]
    [InlineData(1, ResetKind.Function)]
    [InlineData(0, ResetKind.Function)]
    [InlineData(2, ResetKind.Bus)]
    public void The_admin_resets_nothing_that_a_running_TDI_hangs_on(int function, ResetKind kind)
    {
        var monitor = new InvariantMonitor();
        OneVm vm = Start(monitor);
        vm.Run(() => Assert.Equal(Errno.EBUSY, vm.Machine.Kernel.Reset(vm.Machine.Functions[function], kind).Errno));
        Assert.Empty(monitor.Violations);
        Assert.Equal([Errno.Ok], vm.Steps.Values.Distinct());
    }

    [Fact]
    public void The_admin_resets_what_is_not_bound()
    {
        OneVm vm = Start(new InvariantMonitor());
        vm.Run(() => Assert.True(vm.Machine.Kernel.Reset(vm.Machine.Functions[2], ResetKind.Function).IsOk));
        Assert.Equal([Errno.Ok], vm.Steps.Values.Distinct());
    }

    /// <summary>What sdk/README.md shows: a hub with the monitor, a machine on that hub, and the monitor on the machine.</summary>
    private static OneVm Start(InvariantMonitor monitor, params ICrossingObserver[] others)
    {
        var vm = new OneVm(scheduler => new CrossingHub([.. others, monitor], null, scheduler));
        vm.Machine.Watch(monitor, vm.Machine.Vendor.Flow("seed-2025-05")!);
        return vm;
    }

    private static ulong FunctionOf(Crossing crossing) => CrossingArguments.TryRead(crossing, "function", out ulong function) ? function : 0;

    /// <summary>Says yes to everything without a look at who is bound.</summary>
    private sealed class CarelessDriver : IPciFunctionOps
    {
        public SysResult Reset(TsmFunction function, ResetKind kind) => SysResult.Ok;

        public SysResult SetPowerState(TsmFunction function, uint state) => SysResult.Ok;

        public SysResult Disable(TsmFunction function, ushort command) => SysResult.Ok;

        public SysResult Remove(TsmFunction function) => SysResult.Ok;
    }
}
