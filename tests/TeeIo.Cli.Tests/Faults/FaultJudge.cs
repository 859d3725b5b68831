using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>What must hold after a run with a fault.</summary>
internal static class FaultJudge
{
    /// <summary>Operations that take away or give back: where a step of theirs fails, quarantine is right.</summary>
    private static readonly string[] s_teardowns =
    [
        TsmCoreCalls.TsmUnbind.Name, HostTsmCalls.Unbind.Name, HostTsmCalls.Disconnect.Name, HostTsmCalls.Remove.Name, TrustedIommuCalls.TearDown.Name,
        ConfidentialMemoryCalls.DestroyVm.Name, ConfidentialMemoryCalls.UnmapPrivate.Name, ConfidentialMemoryCalls.UnmapMmio.Name,
    ];

    public static IReadOnlyList<string> Problems(FlowOutcome outcome, FaultSequence faults) =>
    [
        .. !faults.HasAllHappened ? ["a fault did not happen"] : Array.Empty<string>(),
        .. outcome.Violations.Where(v => !IsOfKilledGuest(v, outcome)).Select(v => v.ToString()),
        .. outcome.Lost.Select(l => "lost: " + l),
        .. outcome.Log.Where(l => l.Contains(" succeeded ", StringComparison.Ordinal)).Select(l => "open: " + l),
        .. Loose(outcome),
        .. outcome.QuarantinedPages.Where(p => p.Value.Length == 0).Select(p => $"page 0x{p.Key:x} is quarantined for no reason"),
        .. outcome.HasQuarantine && !faults.Failed.Any(IsTeardown) && !faults.HitsUnwinding ? ["quarantine though no teardown failed: " + Quarantine(outcome)] : Array.Empty<string>(),
        .. outcome.Retried is { } retried ? AfterRetry(retried) : [],
        .. outcome.Aftermath is { IsEmpty: false } log ? ["the next flow fails: " + string.Join("; ", log)] : Array.Empty<string>(),
    ];

    /// <summary>Once the fault is over and everything that failed was tried again, only what firmware was left with for good may be out of use: what drivers and kernel still had is back.</summary>
    private static IEnumerable<string> AfterRetry(FlowOutcome retried) =>
    [
        .. retried.Lost.Select(l => "lost after another try: " + l),
        .. retried.HasQuarantine && retried.QuarantinedPages.IsEmpty ? ["still in quarantine after another try, with no page that firmware has: " + Quarantine(retried)] : Array.Empty<string>(),
        .. Loose(retried).Select(l => l + ", after another try"),
    ];

    /// <summary>A guest whose vCPU the kernel or the VMM ends is torn out of whatever it was calling; that is what the fault itself is. Nobody else may be.</summary>
    private static bool IsOfKilledGuest(Violation violation, FlowOutcome outcome) =>
        violation.Crossing is { Threw: true, Task: "vm0/vcpu0" or "vm0/vcpu1" } && outcome.Log.Any(l => l.StartsWith("vm0: vcpu", StringComparison.Ordinal));

    private static bool IsTeardown(Crossing crossing) => s_teardowns.Any(t => crossing.Call.Name == t || crossing.IsWithin(t));

    private static string Quarantine(FlowOutcome outcome) =>
        string.Join(", ", outcome.QuarantinedPages.Values.Distinct().Concat(outcome.QuarantinedFunctions.Select(f => f.ToString())).Concat(outcome.QuarantinedVms.Select(v => v.ToString())));

    /// <summary>TDIs that are neither back nor in quarantine.</summary>
    private static IEnumerable<string> Loose(FlowOutcome outcome)
    {
        for (int i = 0; i < outcome.TdiStates.Length; i++)
        {
            if (outcome.TdiStates[i] != TdiState.ConfigUnlocked && !outcome.HasQuarantine) yield return $"function {i} ends in {outcome.TdiStates[i]}, and nothing is in quarantine";
        }
    }
}
