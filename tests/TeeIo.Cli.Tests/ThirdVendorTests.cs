using TeeIo.Flow;
using TeeIo.Plain;
using TeeIo.Plain.Profiles;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests;

/// <summary>The sample vendor, which has no firmware: the plug points alone suffice for the flow.</summary>
public sealed class ThirdVendorTests
{
    public static TheoryData<string> CallRows
    {
        get
        {
            var rows = new TheoryData<string>();
            foreach (FlowRow row in PlainSeed202505.Profile.Rows.Where(r => r.How == RowHow.Call)) rows.Add(row.Row);
            return rows;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(42)]
    public void The_flow_conforms_whatever_the_seed(int seed)
    {
        FlowOutcome outcome = Run(seed);
        Assert.True(outcome.Report.Conforms, string.Join("; ", outcome.Report.Violations));
        Assert.All(outcome.Report.Rows.Where(r => r.Row.How is RowHow.Call or RowHow.Implicit), r => Assert.NotNull(r.Crossing));
        Assert.Empty(ListedOutcomes.Missing(outcome.Trace));
    }

    [Fact]
    public void Every_plug_point_is_crossed()
    {
        IReadOnlyList<Crossing> trace = Run(1).Trace;
        CallInfo[] plugs = [HostTsmCalls.Bind, GuestTsmCalls.Lock, GuestCallDecoderCalls.HandleExit, ConfidentialMemoryCalls.MapMmio, TrustedIommuCalls.SetUp, AcceptRequestsCalls.WriteRequest];
        Assert.All(plugs, p => Assert.Contains(trace, c => c.Call == p && c.Side == CrossingSide.Server && c.IsSuccess));
    }

    [Theory]
    [MemberData(nameof(CallRows))]
    public void A_row_whose_calls_are_dropped_vanishes_and_the_run_fails(string row)
    {
        FlowReport report = Run(1, flow =>
        {
            var injector = new CrossingInjector();
            injector.DropRow(flow.Rows.First(r => r.Row == row));
            return injector;
        }).Report;
        Assert.False(report.Conforms);
        Assert.False(report.Rows.First(r => r.Row.Row == row).IsAccounted);
    }

    private static FlowOutcome Run(int seed, Func<FlowProfile, ICrossingInjector>? injector = null) =>
        FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => new PlainPlatform(machine), Profile = "seed-2025-05", Seed = seed, Injector = injector });
}
