using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Events;

/// <summary>What must hold after a run with an event.</summary>
internal static class EventJudge
{
    /// <summary>Operations that take away or give back: where one of them, or a step within, fails, quarantine is right.</summary>
    private static readonly string[] s_teardowns =
    [
        HostTsmCalls.Unbind.Name, HostTsmCalls.Disconnect.Name, HostTsmCalls.Remove.Name,
        ConfidentialMemoryCalls.DestroyVm.Name, ConfidentialMemoryCalls.UnmapPrivate.Name, ConfidentialMemoryCalls.UnmapMmio.Name,
    ];

    public static IReadOnlyList<string> Problems(FlowOutcome outcome, EventKind kind) =>
    [
        .. outcome.Violations.Where(v => !((kind.Kills || IsVcpuLost(outcome)) && IsTornOut(v))).Select(v => v.ToString()),
        .. outcome.Lost.Select(l => "lost: " + l),
        .. outcome.Log.Where(l => l.Contains(" succeeded ", StringComparison.Ordinal) || l.Contains("doesn't hold", StringComparison.Ordinal)).Select(l => "open: " + l),
        .. Loose(outcome),
        .. outcome.QuarantinedPages.Where(p => p.Value.Length == 0).Select(p => $"page 0x{p.Key:x} is quarantined for no reason"),
        .. outcome.HasQuarantine && !outcome.Trace.Any(IsFailedTeardown) && !IsUnwindingFailed(outcome) ? ["quarantine though nothing failed to be taken back: " + Quarantine(outcome)] : Array.Empty<string>(),
        .. outcome.Aftermath is { IsEmpty: false } log ? ["the next flow fails: " + string.Join("; ", log)] : Array.Empty<string>(),
    ];

    /// <summary>Whether KVM could not run a vCPU any more, and has ended its guest.</summary>
    private static bool IsVcpuLost(FlowOutcome outcome) => outcome.Log.Any(l => l.StartsWith("vm0: vcpu", StringComparison.Ordinal));

    /// <summary>A thread of the victim that is torn out of a call is what the event itself is. Nobody else may be.</summary>
    private static bool IsTornOut(Violation violation) => violation.Crossing is { Threw: true } crossing && crossing.Task.StartsWith("vm0/", StringComparison.Ordinal);

    private static bool IsFailedTeardown(Crossing crossing) => !crossing.IsSuccess && s_teardowns.Any(t => crossing.Call.Name == t || crossing.IsWithin(t));

    /// <summary>Whether an operation that was failing could not take back what it had done either: the event let one of its calls fail, and then another.</summary>
    private static bool IsUnwindingFailed(FlowOutcome outcome) => outcome.Trace
        .Where(c => !c.Entered && c.Parent is { IsSuccess: false })
        .GroupBy(c => c.Parent)
        .Any(operation => operation.Select(c => c.Call).Distinct().Skip(1).Any());

    private static string Quarantine(FlowOutcome outcome) =>
        string.Join(", ", outcome.QuarantinedPages.Values.Distinct().Concat(outcome.QuarantinedFunctions.Select(f => f.ToString())));

    /// <summary>TDIs that are neither back nor in quarantine.</summary>
    private static IEnumerable<string> Loose(FlowOutcome outcome)
    {
        for (int i = 0; i < outcome.TdiStates.Length; i++)
        {
            if (outcome.TdiStates[i] != TdiState.ConfigUnlocked && !outcome.HasQuarantine) yield return $"function {i} ends in {outcome.TdiStates[i]}, and nothing is in quarantine";
        }
    }
}
