using System.Collections.Immutable;
using TeeIo.Flow;
using TeeIo.Flow.Invariants;
using TeeIo.Linux.PciCore;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Flow;

/// <summary>Each invariant is silent on a right trace and speaks up on a wrong one.</summary>
public sealed class InvariantTests
{
    private readonly TraceRecorder _recorder = new();
    private readonly InvariantMonitor _monitor = new(TraceInvariants.For(Profile()));
    private readonly CrossingHub _hub;

    public InvariantTests() => _hub = new CrossingHub([_recorder, _monitor]);

    [Fact]
    public void A_right_life_violates_nothing()
    {
        Bind();
        Evidence(EvidenceKind.DeviceInfo);
        Evidence(EvidenceKind.InterfaceReport);
        Serve(GuestTsmCalls.Accept, [0x18], () => Serve(ConfidentialMemoryCalls.MapMmio));
        Serve(TdispCalls.StartInterface);
        Serve(GuestDeviceOpsCalls.Work);
        Unbind(() => Serve(ConfidentialMemoryCalls.UnmapMmio));
        Serve(VfioCalls.Reset);
        Serve(ConfidentialMemoryCalls.DestroyVm, [1]);
        Assert.Empty(Violations());
    }

    [Fact]
    public void A_private_mapping_of_an_unbound_TDI_is_seen()
    {
        Serve(ConfidentialMemoryCalls.MapMmio);
        Assert.StartsWith("1 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Letting_go_of_a_TDI_with_private_MMIO_is_seen()
    {
        Bind();
        Serve(ConfidentialMemoryCalls.MapMmio);
        Unbind(() => { });
        Assert.StartsWith("1 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Private_work_outside_RUN_is_seen()
    {
        Bind();
        Serve(GuestDeviceOpsCalls.Work);
        Assert.StartsWith("1 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Acceptance_with_half_the_evidence_is_seen()
    {
        Bind();
        Evidence(EvidenceKind.DeviceInfo);
        Serve(GuestTsmCalls.Accept, [0x18]);
        Assert.StartsWith("2 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Acceptance_with_the_evidence_of_an_earlier_bind_is_seen()
    {
        Bind();
        Evidence(EvidenceKind.DeviceInfo);
        Evidence(EvidenceKind.InterfaceReport);
        Unbind(() => { });
        Bind();
        Serve(GuestTsmCalls.Accept, [0x18]);
        Assert.StartsWith("2 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_instead_of_an_answer_is_seen()
    {
        using (_hub.Open(VfioCalls.GetInfo, CrossingSide.Server, []))
        {
            // Left without an outcome, as an exception leaves it.
        }

        Assert.StartsWith("6 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_that_dies_before_its_TDI_is_seen()
    {
        Bind();
        Serve(ConfidentialMemoryCalls.DestroyVm, [1]);
        Assert.StartsWith("7 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_may_die_after_an_unbind_that_ended_badly_if_the_firmware_has_let_go()
    {
        FlowProfile profile = Profile();
        profile = profile with { Effects = [.. profile.Effects, new FlowEffect(new FlowMatch(TdiServicesCalls.EnableMmio.Name, CrossingSide.Server, null, [], "ok", false), "bound", "no")] };
        Bind();
        Serve(HostTsmCalls.Unbind, [0x101], () => Serve(TdiServicesCalls.EnableMmio, [0x101]), outcome: -5);
        Serve(ConfidentialMemoryCalls.DestroyVm, [1]);
        Assert.Empty(InvariantMonitor.Check([new VmOutlivesTdisInvariant(profile)], _recorder.Trace));
        Assert.Single(InvariantMonitor.Check([new VmOutlivesTdisInvariant(Profile())], _recorder.Trace));
    }

    [Fact]
    public void Firmware_that_lets_go_outside_an_unbind_does_not_count()
    {
        FlowProfile profile = Profile();
        profile = profile with { Effects = [new FlowEffect(new FlowMatch(TdiServicesCalls.EnableMmio.Name, CrossingSide.Server, null, [], "ok", false), "bound", "no")] };
        Bind();
        Serve(TdiServicesCalls.EnableMmio, [0x101]);
        Serve(ConfidentialMemoryCalls.DestroyVm, [1]);
        Assert.Single(InvariantMonitor.Check([new VmOutlivesTdisInvariant(profile)], _recorder.Trace));
    }

    [Fact]
    public void A_reset_while_bound_is_seen()
    {
        Bind();
        Serve(VfioCalls.Reset);
        Assert.StartsWith("8 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    public static TheoryData<CallInfo> Withdrawals =>
        [PciFunctionOpsCalls.Reset, PciFunctionOpsCalls.SetPowerState, PciFunctionOpsCalls.Disable, PciFunctionOpsCalls.Remove, VfioCalls.PciHotReset];

    [Theory]
    [MemberData(nameof(Withdrawals), DisableDiscoveryEnumeration = true)]
    public void Whatever_takes_a_bound_function_away_is_seen(CallInfo call)
    {
        ulong[] function = call.Abi == PciFunctionOpsCalls.Reset.Abi ? [0x101, 3] : [];
        Serve(call, function);
        Assert.Empty(Violations());
        Bind();
        Serve(call, function);
        Assert.Contains(call.Name, Assert.Single(Violations()), StringComparison.Ordinal);
        Assert.StartsWith("8 ", Violations()[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Waking_a_bound_function_takes_nothing_away()
    {
        Bind();
        Serve(PciFunctionOpsCalls.SetPowerState, [0x101, 0]);
        Assert.Empty(Violations());
    }

    [Fact]
    public void An_unbind_by_the_drivers_own_call_counts()
    {
        Bind();
        Serve(HostTsmCalls.Unbind, [0x101]);
        Serve(PciFunctionOpsCalls.Remove, [0x101]);
        Serve(ConfidentialMemoryCalls.DestroyVm, [1]);
        Assert.Empty(Violations());
    }

    [Fact]
    public void Evidence_that_was_asked_for_before_the_bind_does_not_count()
    {
        Evidence(EvidenceKind.DeviceInfo);
        Serve(GuestTsmCalls.Evidence, [0x18, (ulong)EvidenceKind.InterfaceReport, 0], Bind);
        Serve(GuestTsmCalls.Accept, [0x18]);
        Assert.StartsWith("2 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_that_comes_while_acceptance_is_under_way_is_late()
    {
        Bind();
        Evidence(EvidenceKind.DeviceInfo);
        Serve(GuestTsmCalls.Accept, [0x18], () => Evidence(EvidenceKind.InterfaceReport));
        Assert.StartsWith("2 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_began_before_RUN_is_seen_though_it_ended_in_RUN()
    {
        Bind();
        Serve(GuestDeviceOpsCalls.Work, [], () => Serve(TdispCalls.StartInterface));
        Assert.StartsWith("1 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_response_after_unbind_has_returned_is_seen()
    {
        Bind();
        Serve(HostTsmCalls.GuestReq, [], () => Unbind(() => { }));
        Assert.StartsWith("9 ", Assert.Single(Violations()), StringComparison.Ordinal);
    }

    private static FlowProfile Profile()
    {
        FlowEffect Effect(CallInfo call, string variable, string value) =>
            new(new FlowMatch(call.Name, CrossingSide.Server, null, [], "ok", false), variable, value);
        return new FlowProfile("test", "test", [],
            [
                Effect(TdispCalls.LockInterface, "tdi", "CONFIG_LOCKED"),
                Effect(TdispCalls.StartInterface, "tdi", "RUN"),
                Effect(TdispCalls.StopInterface, "tdi", "CONFIG_UNLOCKED"),
                Effect(TsmCoreCalls.TsmBind, "bound", "yes"),
                Effect(TsmCoreCalls.TsmUnbind, "bound", "no"),
                Effect(ConfidentialMemoryCalls.MapMmio, "mmio", "yes"),
                Effect(ConfidentialMemoryCalls.UnmapMmio, "mmio", "no"),
            ],
            []);
    }

    /// <summary>What the monitor saw live; the finished trace must show the same.</summary>
    private ImmutableArray<string> Violations()
    {
        Assert.Equal(_monitor.Violations, InvariantMonitor.Check(TraceInvariants.For(Profile()), _recorder.Trace));
        return [.. _monitor.Violations.Select(v => $"{v.Invariant}: {v.What}")];
    }

    private void Bind() => Serve(TsmCoreCalls.TsmBind, [0x101, 1, 0x18], () => Serve(TdispCalls.LockInterface));

    private void Unbind(Action body) => Serve(TsmCoreCalls.TsmUnbind, [0x101], () =>
    {
        Serve(TdispCalls.StopInterface);
        body();
    });

    private void Evidence(EvidenceKind kind) => Serve(GuestTsmCalls.Evidence, [0x18, (ulong)kind, 0]);

    private void Serve(CallInfo call, ulong[]? arguments = null, Action? body = null, long outcome = 0)
    {
        using ContextScope about = _hub.About("vm0/00:03.0");
        ReadOnlySpan<byte> bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes<ulong>(arguments ?? []);
        using CrossingScope crossing = _hub.Open(call, CrossingSide.Server, bytes);
        body?.Invoke();
        crossing.Close(outcome, bytes);
    }
}
