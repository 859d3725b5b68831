using System.Runtime.InteropServices;
using TeeIo.Flow;
using TeeIo.Platform;
using TeeIo.Scheduling;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>What the monitor sees of MMIO that a driver forgets to take back.</summary>
public sealed class ReturnedMmioTests : IDisposable
{
    private readonly InvariantMonitor _monitor = new();
    private readonly CrossingHub _hub;
    private readonly SoftwareMachine _machine;
    private readonly SevPlatform _platform;

    public ReturnedMmioTests()
    {
        _hub = new CrossingHub([_monitor]);
        var scheduler = new DeterministicScheduler(1);
        _machine = new SoftwareMachine(new SoftwareMachineOptions(), scheduler, new LockOrder(scheduler), _hub, machine => new SevPlatform(machine));
        _platform = (SevPlatform)_machine.Vendor;
        foreach (ITraceInvariant invariant in _platform.Invariants) _monitor.Add(invariant);
    }

    [Fact]
    public void A_page_that_is_a_guest_s_after_its_TDI_s_unbind_is_seen()
    {
        Assign(asid: 1);
        Unbind(0);
        Assert.StartsWith("1 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_came_back_an_unbind_that_failed_and_another_function_s_are_not()
    {
        Unbind(0);
        Assign(asid: 1);
        Unbind(-5);
        Unbind(0, function: 2);
        Assert.Empty(_monitor.Violations);
    }

    public void Dispose() => _machine.Dispose();

    private void Assign(uint asid)
    {
        ulong page = _machine.Device.Functions[1].BarAddress(0);
        Assert.Equal(RmpResult.Success, new RmpClient(_platform.Firmware.HostInstructions).TryRmpupdate(page, 0x4000_0000, new RmpAttributes { Assigned = true, Asid = asid }));
    }

    private void Unbind(long outcome, int function = 1)
    {
        ReadOnlySpan<byte> arguments = MemoryMarshal.AsBytes<ulong>([_machine.Functions[function].CrossingId]);
        using CrossingScope crossing = _hub.Open(HostTsmCalls.Unbind, CrossingSide.Server, arguments);
        crossing.Close(outcome, arguments);
    }
}
