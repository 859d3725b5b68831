using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Cli.Tests;

/// <summary>A loop that turns once proves nothing: in the normal flow each one turns more often.</summary>
public sealed class FlowLoopTests
{
    private static readonly IReadOnlyList<Crossing> s_trace =
        FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => new TdxPlatform(machine), Profile = "seed-2025-05" }).Trace;

    [Theory]
    [InlineData("OPERAND_BUSY")]
    [InlineData("INTERRUPTED_RESUMABLE")]
    [InlineData("SPDM_REQUEST")]
    public void The_module_asks_for_another_try(string status) =>
        Assert.Contains(s_trace, c => c.Side == CrossingSide.Client && CrossingArguments.DescribeOutcome(c) == status);

    public static TheoryData<string> Relays => [SeamcallCalls.SpdmConnect.Name, SeamcallCalls.IdeStreamKm.Name];

    [Theory]
    [MemberData(nameof(Relays))]
    public void A_relay_carries_several_objects_to_the_device(string call) =>
        Assert.True(s_trace.Count(c => c.Side == CrossingSide.Client && c.Call.Name == call && CrossingArguments.DescribeOutcome(c) == "SPDM_REQUEST") > 2);

    [Fact]
    public void Binding_is_done_only_on_a_later_poll()
    {
        Crossing asked = s_trace.First(c => c.Call == TdcmCalls.Bind && c.Side == CrossingSide.Client);
        Crossing done = s_trace.First(c => c.Call == TdcmCalls.Bind && c.Side == CrossingSide.Server && c.IsWithin(asked.Call.Name));

        // The TDVMCALL that carries the command has long returned when the VMM is done, and the guest still waits.
        Crossing carried = s_trace.First(c => c.Parent == asked && c.Side == CrossingSide.Client && c.ClosedAt > 0 && c.Call.Name == "TDCM");
        Assert.True(carried.ClosedAt < done.ClosedAt && done.ClosedAt < asked.ClosedAt, $"carried {carried.ClosedAt}, done {done.ClosedAt}, asked {asked.ClosedAt}");
    }
}
