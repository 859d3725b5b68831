using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Profiles;

namespace TeeIo.Cli.Tests;

public sealed class FlowTests
{
    private const string Profile = "seed-2025-05";

    public static TheoryData<string> CallRows => [.. TdxSeed202505.Profile.Rows.Where(r => r.How == RowHow.Call).Select(r => r.Row)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(42)]
    [InlineData(1000)]
    public void The_flow_conforms_whatever_the_seed(int seed)
    {
        FlowOutcome outcome = Run(seed);
        Assert.Empty(outcome.Report.Violations);
        Assert.Equal(51, outcome.Report.Rows.Length);
        Assert.All(outcome.Report.Rows.Where(r => r.Row.How == RowHow.Call), r => Assert.NotNull(r.Crossing));
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_byte_for_byte() => Assert.Equal(Write(Run(5)), Write(Run(5)));

    [Fact]
    public void Another_seed_gives_another_trace() => Assert.NotEqual(Write(Run(5)), Write(Run(6)));

    [Theory]
    [MemberData(nameof(CallRows))]
    public void A_row_whose_calls_are_dropped_vanishes_and_the_run_fails(string row)
    {
        FlowReport report = Run(1, profile =>
        {
            var injector = new CrossingInjector();
            injector.DropRow(profile.Rows.First(r => r.Row == row));
            return injector;
        }).Report;
        Assert.False(report.Conforms);
        Assert.False(report.Rows.First(r => r.Row.Row == row).IsAccounted);
    }

    [Fact]
    public void The_other_VMs_flow_conforms_as_well()
    {
        FlowOutcome outcome = Run(1);
        FlowReport other = new FlowChecker(TdxSeed202505.Profile, []).Check("tdx", outcome.Trace, outcome.Report.Subject.Replace("vm0", "vm1", StringComparison.Ordinal));
        Assert.Empty(other.Violations);
    }

    private static FlowOutcome Run(int seed, Func<FlowProfile, ICrossingInjector>? injector = null)
    {
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => new TdxPlatform(machine), Profile = Profile, Seed = seed, Injector = injector });
        Assert.Empty(ListedOutcomes.Missing(outcome.Trace));
        return outcome;
    }

    private static string Write(FlowOutcome outcome)
    {
        using var stream = new MemoryStream();
        JsonChart.Write(stream, outcome.Report);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
