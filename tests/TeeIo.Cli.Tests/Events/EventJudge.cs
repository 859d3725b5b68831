using TeeIo.Platform.Scenarios;

namespace TeeIo.Cli.Tests.Events;

/// <summary>What must hold after a run with an event.</summary>
internal static class EventJudge
{
    public static IReadOnlyList<string> Problems(FlowOutcome outcome, EventKind kind) =>
    [
        // No event takes memory from a guest that lives on.
        .. outcome.Log.Where(l => l.Contains("can't be used", StringComparison.Ordinal)),
        .. Remains.Problems(outcome, task => IsKilled(outcome, kind, task), outcome.Trace.Any(c => !c.IsSuccess && Remains.IsTeardown(c))),
    ];

    private static bool IsKilled(FlowOutcome outcome, EventKind kind, string task) =>
        kind.Kills ? task.StartsWith("vm0/", StringComparison.Ordinal) : Remains.IsLostVcpu(outcome, task);
}
