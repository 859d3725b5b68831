using TeeIo.Flow;
using TeeIo.Flow.Invariants;

namespace TeeIo.Sdk.Tests.Flow;

public sealed class InvariantMonitorTests
{
    private static readonly CallInfo s_call = new() { Abi = "test", Name = "call", Client = "guest", Server = "kvm", Outcome = OutcomeKind.Syscall };
    private static readonly CallInfo s_bad = new() { Abi = "test", Name = "bad", Client = "guest", Server = "kvm", Outcome = OutcomeKind.Syscall };

    [Fact]
    public void A_violation_is_known_as_soon_as_its_crossing_ends()
    {
        var monitor = new InvariantMonitor(new NoBadCall());
        var hub = new CrossingHub([monitor]);
        Cross(hub, s_call);
        Cross(hub, s_bad);
        Violation violation = Assert.Single(monitor.Violations);
        Cross(hub, s_call);
        Assert.Same(violation, Assert.Single(monitor.Violations));
        Assert.Equal(("0 (test)", "bad at 2", 2), (violation.Invariant, violation.What, violation.Crossings));
        Assert.Same(s_bad, violation.Crossing.Call);
        Assert.Equal(3, monitor.Crossings);
        Assert.Equal("invariant 0 (test): bad at 2", violation.ToString());
    }

    [Fact]
    public void It_calls_back_before_the_call_returns()
    {
        List<string> log = [];
        var hub = new CrossingHub([new InvariantMonitor(new NoBadCall()) { Found = v => log.Add(v.What) }]);
        Cross(hub, s_bad);
        log.Add("returned");
        Assert.Equal(["bad at 0", "returned"], log);
    }

    [Fact]
    public void It_throws_once_into_the_thread_that_crossed_and_lets_it_unwind()
    {
        var monitor = new InvariantMonitor(new NoBadCall(), new NothingThrewInvariant()) { ThrowsAtFirst = true };
        var hub = new CrossingHub([monitor]);
        var thrown = Assert.Throws<InvariantViolationException>(() => Cross(hub, s_call, () => Cross(hub, s_bad)));
        Assert.Same(monitor.Violations[0], thrown.Violation);
        Assert.Contains("after 1 crossings, by main in bad", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(["bad at 1", "call, opened at 0 by main, ended by an exception"], monitor.Violations.Select(v => v.What));
    }

    [Fact]
    public void An_invariant_that_comes_late_sees_what_comes_later()
    {
        var monitor = new InvariantMonitor();
        var hub = new CrossingHub([monitor]);
        Cross(hub, s_bad);
        monitor.Add(new NoBadCall());
        Assert.Empty(monitor.Violations);
        Cross(hub, s_bad);
        Assert.Equal(2, Assert.Single(monitor.Violations).Crossings);
    }

    [Fact]
    public void A_finished_trace_is_fed_in_the_order_of_its_events()
    {
        var recorder = new TraceRecorder();
        var hub = new CrossingHub([recorder]);
        Cross(hub, s_call, () => Cross(hub, s_bad));
        var seen = new Events();
        Assert.Empty(InvariantMonitor.Check([seen], recorder.Trace));
        Assert.Equal(["+call", "+bad", "-bad", "-call"], seen.Log);
    }

    [Fact]
    public void One_invariant_watches_two_traces_without_mixing_them()
    {
        var invariant = new VmOutlivesTdisInvariant();
        Assert.NotSame(invariant.Watch(), invariant.Watch());
    }

    private static void Cross(CrossingHub hub, CallInfo call, Action? body = null)
    {
        using CrossingScope crossing = hub.Open(call, CrossingSide.Server, []);
        body?.Invoke();
        crossing.Close(0, []);
    }

    private sealed class NoBadCall : ITraceInvariant, IInvariantWatch
    {
        public string Name => "0 (test)";

        public IInvariantWatch Watch() => this;

        public string? Closed(Crossing crossing) => crossing.Call == s_bad ? $"bad at {crossing.Sequence}" : null;
    }

    private sealed class Events : ITraceInvariant, IInvariantWatch
    {
        public List<string> Log { get; } = [];

        public string Name => "0 (test)";

        public IInvariantWatch Watch() => this;

        public void Opened(Crossing crossing) => Log.Add("+" + crossing.Call.Name);

        public string? Closed(Crossing crossing)
        {
            Log.Add("-" + crossing.Call.Name);
            return null;
        }
    }
}
