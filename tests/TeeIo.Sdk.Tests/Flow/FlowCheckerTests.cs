using System.Collections.Immutable;
using TeeIo.Flow;

namespace TeeIo.Sdk.Tests.Flow;

public sealed class FlowCheckerTests
{
    private static readonly CallInfo s_outer = Call("outer");
    private static readonly CallInfo s_inner = Call("inner");
    private static readonly CallInfo s_lock = Call("lock");
    private readonly TraceRecorder _recorder = new();
    private readonly CrossingInjector _injector = new();
    private readonly CrossingHub _hub;

    public FlowCheckerTests() => _hub = new CrossingHub([_recorder], _injector);

    [Fact]
    public void A_trace_with_every_row_in_order_conforms()
    {
        Cross(s_lock, 0, () => { });
        Cross(s_outer, 0, () => Cross(s_inner, 0, () => { }));
        FlowReport report = Check();
        Assert.Empty(report.Violations);
        Assert.Equal(["1", "2", "3"], report.Rows.Where(r => r.IsAccounted).Select(r => r.Row.Row));
        Assert.Equal("CONFIG_LOCKED", report.Rows[0].TdiStateAfter);
        Assert.Equal("CONFIG_LOCKED", report.Rows[1].TdiState);
    }

    [Fact]
    public void A_row_without_its_crossing_is_missing()
    {
        Cross(s_lock, 0, () => { });
        Cross(s_outer, 0, () => { });
        Assert.Contains(Check().Violations, v => v.StartsWith("row 3 (inner step) is missing", StringComparison.Ordinal));
    }

    [Fact]
    public void A_crossing_outside_the_enclosing_call_makes_no_row()
    {
        Cross(s_lock, 0, () => { });
        Cross(s_outer, 0, () => { });
        Cross(s_inner, 0, () => { });
        Assert.Contains(Check().Violations, v => v.StartsWith("row 3", StringComparison.Ordinal));
    }

    [Fact]
    public void A_call_that_failed_makes_no_row()
    {
        Cross(s_lock, 0, () => { });
        Cross(s_outer, 0, () => Cross(s_inner, -5, () => { }));
        Assert.Contains(Check().Violations, v => v.StartsWith("row 3", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_out_of_order_are_a_violation()
    {
        Cross(s_outer, 0, () => Cross(s_inner, 0, () => { }));
        Cross(s_lock, 0, () => { });
        Assert.Contains(Check().Violations, v => v.Contains("must come after row 1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_in_the_wrong_state_is_a_violation()
    {
        Cross(s_outer, 0, () => Cross(s_inner, 0, () => Cross(s_lock, 0, () => { })));
        Assert.Contains(Check().Violations, v => v.Contains("begins with tdi=CONFIG_UNLOCKED, not CONFIG_LOCKED", StringComparison.Ordinal));
    }

    [Fact]
    public void Crossings_of_another_TDI_make_no_rows()
    {
        Cross(s_lock, 0, () => { });
        using (_hub.About("other"))
            Cross(s_outer, 0, () => Cross(s_inner, 0, () => { }));
        Assert.Equal(2, Check().Rows.Count(r => !r.IsAccounted));
    }

    [Fact]
    public void A_dropped_row_vanishes_though_its_caller_saw_success()
    {
        _injector.DropRow(Profile().Rows[2]);
        Cross(s_lock, 0, () => { });
        bool entered = false;
        Cross(s_outer, 0, () => Cross(s_inner, 0, () => entered = true));
        Assert.False(entered);
        Assert.Equal(1, _injector.Injected);
        Assert.Contains(Check().Violations, v => v.StartsWith("row 3", StringComparison.Ordinal));
    }

    [Fact]
    public void A_row_without_crossings_hands_its_order_on()
    {
        FlowProfile profile = Profile();
        FlowRow absent = profile.Rows[1] with { How = RowHow.Absent, Reason = "not here", Match = [], When = [] };
        profile = profile with { Rows = [profile.Rows[0], absent, profile.Rows[2] with { Match = [Match("inner", null)] }] };
        Cross(s_inner, 0, () => { });
        Cross(s_lock, 0, () => { });
        FlowReport report = new FlowChecker(profile, []).Check("test", _recorder.Trace, "mine");
        Assert.Contains(report.Violations, v => v.StartsWith("row 3", StringComparison.Ordinal) && v.Contains("must come after row 1", StringComparison.Ordinal));
        Assert.Single(report.Violations);
    }

    [Fact]
    public void A_verdict_names_the_rows_that_are_absent_with_runs_drawn_together()
    {
        FlowRow row = Profile().Rows[0];
        string hows = "aacaaacca";
        FlowProfile profile = Profile() with
        {
            Rows = [.. hows.Select((how, i) => row with { Row = $"{i}", How = how == 'a' ? RowHow.Absent : RowHow.Call, Match = how == 'a' ? [] : row.Match, Reason = "r" })],
        };
        Assert.Equal("0, 1, 3–5, 8", profile.RowsOf(RowHow.Absent));
        Assert.Equal(string.Empty, profile.RowsOf(RowHow.Merged));
        Cross(s_lock, 0, () => { });
        using var chart = new StringWriter();
        TextChart.Write(chart, new FlowChecker(profile, []).Check("test", _recorder.Trace, "mine"), colour: false);
        Assert.Contains("verdict: conforms as far as the profile goes (rows, order, invariants); absent from it: 0, 1, 3–5, 8", chart.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_a_trace_from_outside_cannot_show_is_neither_there_nor_missing()
    {
        Cross(s_outer, 0, () => { });
        FlowReport report = CheckFrom(new Outside("outer"));
        Assert.Empty(report.Violations);
        Assert.Equal([false, true, false], report.Rows.Select(r => r.IsVisible));
        Assert.Equal([false, true, false], report.Rows.Select(r => r.IsAccounted));
        Assert.Equal("1, 3", report.NotVisible);
        using var chart = new StringWriter();
        TextChart.Write(chart, report, colour: false);
        Assert.Contains("not visible in this trace", chart.ToString(), StringComparison.Ordinal);
        Assert.Contains("; 2 not visible in this trace; ", chart.ToString(), StringComparison.Ordinal);
        Assert.Contains("verdict: conforms as far as the trace shows (rows, order); not visible: 1, 3", chart.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_that_a_trace_from_outside_could_show_is_missing_without_its_crossing() =>
        Assert.Contains(CheckFrom(new Outside("lock")).Violations, v => v.StartsWith("row 1 (lock step) is missing", StringComparison.Ordinal));

    [Fact]
    public void A_state_that_a_trace_from_outside_does_not_tell_is_judged_by_nobody()
    {
        Cross(s_outer, 0, () => Cross(s_inner, 0, () => { }));
        FlowReport report = CheckFrom(new Outside("outer", "inner"));
        Assert.Empty(report.Violations);
        Assert.Equal(string.Empty, report.Rows[1].TdiState);
    }

    [Fact]
    public void An_enclosing_call_that_a_trace_from_outside_cannot_show_is_not_asked_for()
    {
        Cross(s_lock, 0, () => { });
        Cross(s_inner, 0, () => { });
        FlowReport report = CheckFrom(new Outside("lock", "inner"));
        Assert.Empty(report.Violations);
        Assert.Equal(("3", "place 2"), (report.Rows[2].Row.Row, report.Rows[2].Place));
    }

    [Fact]
    public void Of_a_trace_from_outside_the_first_crossing_after_the_rows_before_it_counts()
    {
        Cross(s_inner, 0, () => { });
        Cross(s_lock, 0, () => { });
        Assert.Contains(CheckFrom(new Outside("lock", "inner")).Violations, v => v == "row 3 (inner step, place 0) must come after row 1 (lock step, place 2)");
        Cross(s_inner, 0, () => { });
        Assert.Empty(CheckFrom(new Outside("lock", "inner")).Violations);
    }

    private static CallInfo Call(string name) => new() { Abi = "test", Name = name, Client = "guest", Server = "kvm", Outcome = OutcomeKind.Syscall };

    private static FlowProfile Profile()
    {
        FlowMatch outer = Match("outer", null), inner = Match("inner", "outer"), locked = Match("lock", null);
        ImmutableArray<KeyValuePair<string, ImmutableArray<string>>> when = [new("tdi", ["CONFIG_LOCKED"])];
        return new FlowProfile(
            "test",
            "test",
            [new FlowColumn("guest", "Guest"), new FlowColumn("kvm", "KVM")],
            [new FlowEffect(locked, "tdi", "CONFIG_LOCKED")],
            [
                new FlowRow("1", "kvm", "lock step", RowHow.Call, string.Empty, [locked], [], [], string.Empty),
                new FlowRow("2", "kvm", "outer step", RowHow.Call, string.Empty, [outer], ["1"], when, string.Empty),
                new FlowRow("3", "kvm", "inner step", RowHow.Call, string.Empty, [inner], ["2"], [], string.Empty),
            ]);
    }

    private static FlowMatch Match(string call, string? within) => new(call, CrossingSide.Server, within, [], "ok", false);

    private FlowReport CheckFrom(ITraceOrigin origin) => new FlowChecker(Profile(), [], origin).Check("test", _recorder.Trace, "mine");

    private FlowReport Check() => new FlowChecker(Profile(), []).Check("test", _recorder.Trace, "mine");

    private void Cross(CallInfo call, long outcome, Action body)
    {
        using CrossingScope crossing = _hub.Open(call, CrossingSide.Server, []);
        if (crossing.Enter) body();
        crossing.Close(crossing.Enter ? outcome : crossing.Outcome, []);
    }

    private sealed class Outside(params string[] calls) : ITraceOrigin
    {
        public bool Shows(string call) => calls.Contains(call);

        public string Place(int position) => $"place {position}";
    }
}
