using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests;

/// <summary>Invariant 11, of IDE streams, on a device that is told what to show; and on the real one.</summary>
public sealed class IdeStreamInvariantTests
{
    private readonly InvariantMonitor _monitor;
    private readonly CrossingHub _hub;
    private TdiOnStream _tdi = new("tdi", TdiState.Run, IsSecure: true);

    public IdeStreamInvariantTests()
    {
        _monitor = new InvariantMonitor(new IdeStreamInvariant(() => [_tdi]));
        _hub = new CrossingHub([_monitor]);
    }

    [Theory]
    [InlineData(TdiState.ConfigLocked, true)]
    [InlineData(TdiState.Run, true)]
    [InlineData(TdiState.Error, false)]
    [InlineData(TdiState.ConfigUnlocked, false)]
    public void A_TDI_that_outlives_its_stream_is_seen_once(TdiState state, bool isSeen)
    {
        _tdi = _tdi with { State = state, IsSecure = false };
        Cross(() => { });
        Cross(() => { });
        Assert.Equal(isSeen ? 1 : 0, _monitor.Violations.Count);
    }

    [Theory]
    [InlineData(TdiState.Run, false)]
    [InlineData(TdiState.Error, true)]
    [InlineData(TdiState.ConfigUnlocked, true)]
    public void New_keys_that_end_RUN_are_seen(TdiState after, bool isSeen)
    {
        Cross(() => _tdi = _tdi with { State = after });
        Assert.Equal(isSeen, _monitor.Violations.Any(v => v.What.Contains("ran before new keys", StringComparison.Ordinal)));
    }

    [Fact]
    public void New_keys_while_the_device_runs_violate_nothing_and_the_guest_works_on()
    {
        var monitor = new InvariantMonitor();
        var vm = new OneVm(scheduler => new CrossingHub([monitor], null, scheduler));
        vm.Machine.Watch(monitor, vm.Machine.Vendor.Flow("seed-2025-05")!);
        vm.Run(() =>
        {
            for (int i = 0; i < 3; i++) Assert.True(vm.Machine.Tsm.RefreshKeys(vm.Machine.Functions[0]).IsOk);
            Assert.Equal(TdiState.Run, vm.Machine.Device.Functions[1].TdiState);
        });
        Assert.Empty(monitor.Violations);
        Assert.Equal([Linux.Errno.Ok], vm.Steps.Values.Distinct());
    }

    [Fact]
    public void A_stream_that_fails_takes_the_TDI_to_ERROR_and_the_guest_gives_it_back()
    {
        var monitor = new InvariantMonitor();
        var vm = new OneVm(scheduler => new CrossingHub([monitor], null, scheduler));
        vm.Machine.Watch(monitor, vm.Machine.Vendor.Flow("seed-2025-05")!);
        vm.Run(() =>
        {
            vm.Machine.Device.FailStreams();
            Assert.Equal(TdiState.Error, vm.Machine.Device.Functions[1].TdiState);
        });
        Assert.Empty(monitor.Violations);
        Assert.NotEqual(Linux.Errno.Ok, vm.Steps["work afterwards"]);
        Assert.Equal(Linux.Errno.Ok, vm.Steps["disconnect"]);
    }

    private void Cross(Action body)
    {
        using CrossingScope crossing = _hub.Open(HostKeysCalls.RefreshKeys, CrossingSide.Server, []);
        body();
        crossing.Close(0, []);
    }
}
