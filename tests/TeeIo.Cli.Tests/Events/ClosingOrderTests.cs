using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Events;

/// <summary>A VMM is killed while its device runs, and its files are closed in every order of those that matter.</summary>
public sealed class ClosingOrderTests
{
    /// <summary>Places, by number, of the iommufd, the VM and the VFIO device among the VMM's files; with its dma-buf and KVM's VFIO device where TEEIO_EVENTS asks for more.</summary>
    private static readonly int[] s_permuted = Environment.GetEnvironmentVariable("TEEIO_EVENTS") is { Length: > 0 } ? [1, 2, 4, 7, 8] : [1, 2, 7];

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void Whatever_the_order_the_host_takes_the_same_steps(string vendor)
    {
        List<string>? expected = null;
        foreach (int[] order in Permutations(s_permuted))
        {
            FlowOutcome outcome = Run(vendor, order);
            string words = string.Join(", ", order);
            Assert.True(EventJudge.Problems(outcome, s_kill) is { Count: 0 }, $"{vendor}, {words}: {string.Join(" | ", EventJudge.Problems(outcome, s_kill))}");
            Assert.False(outcome.HasQuarantine, words);
            List<string> steps = [.. outcome.Trace.Where(c => c.Task == "event" && IsHostStep(c)).Select(c => c.Call.Name)];
            Assert.Contains(HostTsmCalls.Unbind.Name, steps);
            expected ??= steps;
            Assert.Equal(expected, steps);
        }
    }

    private static readonly EventKind s_kill = new("the VMM is killed") { Kills = true };

    private static bool IsHostStep(Crossing crossing) =>
        crossing.Side == CrossingSide.Server && (crossing.Call == HostTsmCalls.Unbind || crossing.Call == ConfidentialMemoryCalls.DestroyVm || crossing.Call.Abi == "pci-core");

    private static FlowOutcome Run(string vendor, int[] order) => FlowScenario.Run(new FlowScenarioOptions
    {
        Vendor = machine => vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine),
        Profile = "seed-2025-05",
        Vms = 1,
        Event = new KillInRun(files => order.Select(i => files[i]).Concat(files.Where((_, i) => !order.Contains(i)))),
        HasAftermath = true,
    });

    private static IEnumerable<int[]> Permutations(int[] items)
    {
        if (items.Length == 1) return [items];
        return items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
    }

    private sealed class KillInRun(Func<IReadOnlyList<Fd>, IEnumerable<Fd>> order) : IFlowEvent
    {
        public void Run(FlowStage stage)
        {
            stage.Scheduler.WaitUntil(() => stage.Machine.Device.Functions[1].TdiState == TdiState.Run, "the device to run");
            stage.ProcessOf(0)!.Kill(order);
        }
    }
}
