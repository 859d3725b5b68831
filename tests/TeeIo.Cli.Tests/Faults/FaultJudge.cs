using TeeIo.Platform.Scenarios;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>What must hold after a run with a fault.</summary>
internal static class FaultJudge
{
    public static IReadOnlyList<string> Problems(FlowOutcome outcome, FaultSequence faults) =>
    [
        .. !faults.HasAllHappened ? ["a fault did not happen"] : Array.Empty<string>(),
        .. Remains.Problems(outcome, task => Remains.IsLostVcpu(outcome, task), faults.Failed.Any(Remains.IsPartOfTeardown)),
    ];
}
