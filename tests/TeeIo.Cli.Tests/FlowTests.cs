using System.Collections.Concurrent;
using TeeIo.Flow;
using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Next;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Kernel;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Profiles;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Profiles;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Cli.Tests;

public sealed class FlowTests
{
    private const string Profile = "seed-2025-05";

    private static readonly (string Vendor, FlowProfile Flow)[] s_flows =
    [
        .. new[] { TdxSeed202505.Profile, TdxArmV5.Profile, TdxNext.Profile, TdxLinux73.Profile }.Select(p => ("tdx", p)),
        .. new[] { SevSeed202505.Profile, SevArmV5.Profile, SevNext.Profile, SevLinux73.Profile }.Select(p => ("sev", p)),
    ];

    private static readonly ConcurrentDictionary<(string Vendor, string Profile), Lazy<FlowOutcome>> s_passing = new();

    public static TheoryData<string, string> Flows
    {
        get
        {
            var flows = new TheoryData<string, string>();
            foreach ((string vendor, FlowProfile flow) in s_flows) flows.Add(vendor, flow.Profile);
            return flows;
        }
    }

    public static TheoryData<string, string, string> CallRows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach ((string vendor, FlowProfile flow) in s_flows)
            {
                foreach (FlowRow row in flow.Rows.Where(r => r.How == RowHow.Call)) rows.Add(vendor, flow.Profile, row.Row);
            }

            return rows;
        }
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void Every_kernel_profile_has_its_flow(string vendor) => Assert.Equal(SoftwareKernel.Profiles, s_flows.Where(f => f.Vendor == vendor).Select(f => f.Flow.Profile));

    [Theory]
    [MemberData(nameof(Flows))]
    public void The_flow_conforms_whatever_the_seed(string vendor, string profile)
    {
        foreach (int seed in (int[])[1, 2, 42, 1000])
        {
            FlowOutcome outcome = Run(seed, profile: profile, vendor: vendor);
            Assert.True(outcome.Report.Conforms, $"seed {seed}: {string.Join("; ", outcome.Report.Violations)}");
            Assert.Equal(51, outcome.Report.Rows.Length);
            Assert.All(outcome.Report.Rows.Where(r => r.Row.How is RowHow.Call or RowHow.Implicit), r => Assert.NotNull(r.Crossing));
            Assert.All(outcome.Report.Rows.Where(r => r.Row.How is not (RowHow.Call or RowHow.Implicit)), r => Assert.True(r.Crossing is null && r.Row.Reason.Length > 0));
        }
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_profile_uses_no_call_of_another(string vendor, string profile)
    {
        HashSet<string> others = [.. new[] { Seed202505Calls.TsmBind, ArmV5Calls.VdeviceTsmOp, NextCalls.VdeviceTsmOp }.Select(c => c.Abi).Where(a => a != profile)];
        Assert.DoesNotContain(Passing(vendor, profile).Trace, c => others.Contains(c.Call.Abi));
    }

    [Fact]
    public void Evidence_is_no_guest_request_where_it_comes_by_netlink()
    {
        IReadOnlyList<Crossing> trace = Passing("tdx", "next").Trace;
        Assert.Contains(trace, c => c.Call == EvidenceNetlinkCalls.Read && c.Side == CrossingSide.Server && c.Actor == "tsm-core");
        Assert.DoesNotContain(trace, c => c.Call == HostTsmCalls.GuestReq && (c.IsWithin(TdcmCalls.GetDevInfo.Name) || c.IsWithin(TdcmCalls.GetTdiReport.Name)));
    }

    [Fact]
    public void A_kernel_without_dma_buf_slots_is_asked_for_none()
    {
        IReadOnlyList<Crossing> trace = Passing("tdx", "linux-7.3").Trace;
        Assert.DoesNotContain(trace, c => c.Call == VfioCalls.FeatureDmaBuf || c.Call == IommufdCalls.ViommuAlloc || c.Call == TsmCoreCalls.TsmBind || c.Call == TdcmCalls.Bind);
    }

    [Theory]
    [InlineData("arm-v5")]
    [InlineData("next")]
    public void The_vDEVICE_is_there_before_the_VM_runs(string profile)
    {
        IReadOnlyList<Crossing> trace = Passing("tdx", profile).Trace;
        int made = trace.First(c => c.Call == IommufdCalls.VdeviceAlloc && c.Side == CrossingSide.Server).ClosedAt;
        Assert.True(made < trace.First(c => c.Call == KvmCalls.Run && c.Side == CrossingSide.Client).Sequence);
        Crossing joined = trace.First(c => c.Call == KvmCalls.VfioFileAdd && c.Side == CrossingSide.Server);
        Assert.True(joined.ClosedAt < trace.First(c => c.Call == VfioCalls.BindIommufd && c.Side == CrossingSide.Server && c.Subject == joined.Subject).Sequence);
    }

    [Fact]
    public void The_same_seed_gives_the_same_trace_byte_for_byte() => Assert.Equal(Write(Run(5)), Write(Run(5)));

    [Fact]
    public void Another_seed_gives_another_trace() => Assert.NotEqual(Write(Run(5)), Write(Run(6)));

    [Theory]
    [MemberData(nameof(CallRows))]
    public void A_row_whose_calls_are_dropped_vanishes_and_the_run_fails(string vendor, string profile, string row)
    {
        Func<FlowProfile, ICrossingInjector> drop = flow =>
        {
            var injector = new CrossingInjector();
            injector.DropRow(flow.Rows.First(r => r.Row == row));
            return injector;
        };
        FlowReport report = Run(1, drop, profile, vendor, vms: 1).Report;
        Assert.False(report.Conforms);
        Assert.False(report.Rows.First(r => r.Row.Row == row).IsAccounted);
    }

    [Theory]
    [MemberData(nameof(Flows))]
    public void The_other_VMs_flow_conforms_as_well(string vendor, string profile)
    {
        FlowOutcome outcome = Passing(vendor, profile);
        FlowReport other = new FlowChecker(outcome.Report.Profile, []).Check(vendor, outcome.Trace, outcome.Report.Subject.Replace("vm0", "vm1", StringComparison.Ordinal));
        Assert.Empty(other.Violations);
    }

    /// <summary>The flow of seed 1, run once.</summary>
    private static FlowOutcome Passing(string vendor, string profile) =>
        s_passing.GetOrAdd((vendor, profile), key => new Lazy<FlowOutcome>(() => Run(1, profile: key.Profile, vendor: key.Vendor))).Value;

    private static FlowOutcome Run(int seed, Func<FlowProfile, ICrossingInjector>? injector = null, string profile = Profile, string vendor = "tdx", int vms = 2)
    {
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions
        {
            Vendor = machine => vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine),
            Profile = profile,
            Seed = seed,
            Vms = vms,
            Injector = injector,
        });
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
