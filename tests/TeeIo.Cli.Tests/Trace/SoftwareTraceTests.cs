using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Platform;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Flow;
using TeeIo.Tdx.Flow;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Trace;

/// <summary>Runs of the software platform, seen as a host's kernel would trace them: the whole flow of profiles that no kernel of the rig has.</summary>
public sealed class SoftwareTraceTests
{
    private static readonly Dictionary<string, (TraceVendor Trace, Func<SoftwareMachine, IVendorPlatform> Platform)> s_vendors = new(StringComparer.Ordinal)
    {
        ["tdx"] = (TdxTrace.Vendor, m => new TdxPlatform(m)),
        ["sev"] = (SevTrace.Vendor, m => new SevPlatform(m)),
    };

    public static TheoryData<string, string> Flows
    {
        get
        {
            var flows = new TheoryData<string, string>();
            foreach ((TraceVendor vendor, _) in s_vendors.Values)
            {
                foreach (FlowProfile flow in vendor.Flows) flows.Add(vendor.Name, flow.Profile);
            }

            return flows;
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void What_a_host_sees_of_the_flow_conforms_and_makes_the_same_rows(string vendor, string profile)
    {
        FlowOutcome outcome = Run(vendor, profile, vms: 1);
        FlowReport seen = Assert.Single(Check(Text(outcome, vendor), vendor, profile));
        Assert.Empty(seen.Violations);
        Assert.Equal(51, seen.Rows.Length);
        Assert.All(seen.Rows, r => Assert.Equal(r.IsVisible, r.IsAccounted));
        foreach ((RowReport row, RowReport live) in seen.Rows.Zip(outcome.Report.Rows).Where(r => r.First.Crossing is not null))
        {
            Assert.Contains(live.Row.Match, m => m.Call == row.Crossing!.Call.Name);
            if (row.Crossing!.Call == live.Crossing!.Call && row.Crossing.Side == live.Crossing.Side && live.Row.Match[0].Within is null)
                Assert.Equal(CrossingArguments.DescribeOutcome(live.Crossing), CrossingArguments.DescribeOutcome(row.Crossing));
        }
    }

    [Theory]
    [InlineData("tdx", "seed-2025-05", "1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16a, 16b, 18, 19, 23, 24, 27, 28, 29, 30, 33, 34, 39, 40")]
    [InlineData("sev", "next", "1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16a, 18, 19, 23, 24, 28, 29, 33, 34, 40")]
    public void Rows_of_ioctls_the_core_and_numbered_firmware_calls_are_visible_and_no_other(string vendor, string profile, string rows)
    {
        FlowReport seen = Assert.Single(Check(Text(Run(vendor, profile, vms: 1), vendor), vendor, profile));
        Assert.Equal(rows, string.Join(", ", seen.Rows.Where(r => r.Crossing is not null).Select(r => r.Row.Row)));
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void Each_of_two_VMs_has_its_flow(string vendor, string profile)
    {
        IReadOnlyList<FlowReport> seen = Check(Text(Run(vendor, profile, vms: 2), vendor), vendor, profile);
        Assert.Equal(["0000:01:00.1", "0000:01:00.2"], seen.Select(r => r.Subject).Order(StringComparer.Ordinal));
        Assert.Equal([], seen.SelectMany(r => r.Violations));
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_row_whose_calls_are_gone_is_missing(string vendor, string profile)
    {
        string text = Text(Run(vendor, profile, vms: 1), vendor);
        FlowReport whole = Assert.Single(Check(text, vendor, profile));
        foreach (RowReport row in whole.Rows.Where(r => r.Crossing is not null))
        {
            KernelTrace trace = Map(text, vendor, profile);
            List<Crossing> without = [.. trace.Crossings.Where(c => !row.Row.Match.Any(m => m.Call == c.Call.Name && m.Side == c.Side))];
            FlowReport report = new FlowChecker(FlowOf(vendor, profile), [], trace).Check(vendor, without, whole.Subject);
            Assert.Contains(report.Violations, v => v.StartsWith($"row {row.Row.Row} ({row.Row.Step}) is missing", StringComparison.Ordinal));
        }
    }

    private static FlowProfile FlowOf(string vendor, string profile) => s_vendors[vendor].Trace.Flows.First(f => f.Profile == profile);

    private static FlowOutcome Run(string vendor, string profile, int vms) => FlowScenario.Run(new FlowScenarioOptions { Vendor = s_vendors[vendor].Platform, Profile = profile, Vms = vms });

    private static string Text(FlowOutcome outcome, string vendor) => KernelTraceWriter.Write(outcome.Trace, s_vendors[vendor].Trace);

    private static KernelTrace Map(string text, string vendor, string profile) => KernelTrace.Of(FtraceReader.Read(new StringReader(text)), profile, s_vendors[vendor].Trace);

    private static IReadOnlyList<FlowReport> Check(string text, string vendor, string profile)
    {
        KernelTrace trace = Map(text, vendor, profile);
        Assert.DoesNotContain(trace.Remarks, r => r.Contains("no beginning", StringComparison.Ordinal));
        var checker = new FlowChecker(FlowOf(vendor, profile), s_vendors[vendor].Trace.Invariants, trace);
        return [.. trace.Subjects.Select(s => checker.Check(vendor, trace.Crossings, s))];
    }
}
