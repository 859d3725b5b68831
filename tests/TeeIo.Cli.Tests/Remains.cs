using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests;

/// <summary>What must hold after a run in which something went wrong, whatever it was: no invariant is violated, nothing is open to others or lost, and what is out of use couldn't be taken
/// back.</summary>
internal static class Remains
{
    /// <summary>Operations that take away or give back: where one of them, or a step within, fails, quarantine is right.</summary>
    private static readonly CallInfo[] s_teardowns =
    [
        TsmCoreCalls.TsmUnbind, HostTsmCalls.Unbind, HostTsmCalls.Disconnect, HostTsmCalls.Remove, TrustedIommuCalls.TearDown,
        ConfidentialMemoryCalls.DestroyVm, ConfidentialMemoryCalls.UnmapPrivate, ConfidentialMemoryCalls.UnmapMmio,
    ];

    /// <summary>What doesn't hold.</summary>
    /// <param name="outcome">The run.</param>
    /// <param name="isKilled">Whether a task was killed: it is torn out of whatever it was calling, and that alone is no violation.</param>
    /// <param name="isTeardownFailed">Whether a teardown has failed for what went wrong.</param>
    public static IReadOnlyList<string> Problems(FlowOutcome outcome, Func<string, bool> isKilled, bool isTeardownFailed) =>
    [
        .. outcome.Violations.Where(v => !(v.Crossing.Threw && isKilled(v.Crossing.Task))).Select(v => v.ToString()),
        .. outcome.Lost.Select(l => "lost: " + l),
        .. outcome.Log.Where(l => l.Contains(" succeeded ", StringComparison.Ordinal) || l.Contains("doesn't hold", StringComparison.Ordinal)).Select(l => "open: " + l),
        .. Loose(outcome),
        .. outcome.QuarantinedPages.Where(p => p.Value.Length == 0).Select(p => $"page 0x{p.Key:x} is quarantined for no reason"),
        .. outcome.HasQuarantine && !isTeardownFailed && !IsUnwindingFailed(outcome) && !IsReclaimFailed(outcome) ? ["quarantine though nothing failed to be taken back: " + Quarantine(outcome)] : Array.Empty<string>(),
        .. outcome.Retried is { } retried ? AfterRetry(retried) : [],
        .. outcome.Aftermath is { IsEmpty: false } log ? ["the next flow fails: " + string.Join("; ", log)] : Array.Empty<string>(),
    ];

    /// <summary>Whether a task is a vCPU of the VM that KVM could not run any more, so that its guest has ended.</summary>
    public static bool IsLostVcpu(FlowOutcome outcome, string task) =>
        task is "vm0/vcpu0" or "vm0/vcpu1" && outcome.Log.Any(l => l.StartsWith("vm0: vcpu", StringComparison.Ordinal));

    /// <summary>Whether a call takes something away or gives it back.</summary>
    public static bool IsTeardown(Crossing crossing) => s_teardowns.Contains(crossing.Call) || IsReturnOfPage(crossing);

    /// <summary>Whether a call does that, or is a step of one that does.</summary>
    public static bool IsPartOfTeardown(Crossing crossing) => IsTeardown(crossing) || s_teardowns.Any(t => crossing.IsWithin(t.Name));

    /// <summary>Whether an operation that was failing could not take back what it had done either: one of its calls was made to fail, and then another, or the same with other arguments, as where
    /// one call gives and takes. The same with the same arguments is another try.</summary>
    private static bool IsUnwindingFailed(FlowOutcome outcome) => outcome.Trace
        .Where(c => !c.Entered && OperationOf(c) is { IsSuccess: false })
        .GroupBy(OperationOf)
        .Any(operation => operation.DistinctBy(c => (c.Call, Convert.ToHexString(c.Input.Span))).Skip(1).Any());

    /// <summary>Whether SEV's firmware was kept from giving a page up both times that it is asked for it. Once explains nothing.</summary>
    private static bool IsReclaimFailed(FlowOutcome outcome) => outcome.Trace
        .Where(c => !c.Entered && c.Call == SnpFirmwareCalls.PageReclaim)
        .GroupBy(c => Convert.ToHexString(c.Input.Span))
        .Any(page => page.Skip(1).Any());

    /// <summary>What a call is a step of, on whichever side it failed.</summary>
    private static Crossing? OperationOf(Crossing crossing) => crossing.Side == CrossingSide.Server && crossing.Parent?.Call == crossing.Call ? crossing.Parent.Parent : crossing.Parent;

    /// <summary>A page that SEV's firmware had for the time of a command becomes the host's again by this, in whatever operation: where it doesn't, it is out of use for good.</summary>
    private static bool IsReturnOfPage(Crossing crossing) =>
        crossing.Call == RmpCalls.Rmpupdate && CrossingArguments.TryRead(crossing, "attributes", out ulong entry) && entry == 0;

    /// <summary>Once the fault is over and everything that failed was tried again, only what firmware was left with for good may be out of use: what drivers and kernel still had is back.</summary>
    private static IEnumerable<string> AfterRetry(FlowOutcome retried) =>
    [
        .. retried.Lost.Select(l => "lost after another try: " + l),
        .. retried.HasQuarantine && retried.QuarantinedPages.IsEmpty ? ["still in quarantine after another try, with no page that firmware has: " + Quarantine(retried)] : Array.Empty<string>(),
        .. Loose(retried).Select(l => l + ", after another try"),
    ];

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
