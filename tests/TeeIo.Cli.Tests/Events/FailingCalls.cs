using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Events;

/// <summary>Calls that fail while an event lasts.</summary>
/// <param name="Outcome">What such a call ends with; null for a call that isn't concerned.</param>
/// <param name="Count">How many calls fail; then it is over.</param>
internal sealed record FailingCalls(Func<CallInfo, long?> Outcome, int Count)
{
    /// <summary>Firmware that answers the host with BUSY, in its own word for it.</summary>
    public static FailingCalls Busy(int count) => new(
        call => call.Outcome == OutcomeKind.Status && call.Client != "guest-tsm" && call.OutcomeNames is { } names
            ? names.TryGetValue("OPERAND_BUSY", out ulong busy) || names.TryGetValue("BUSY", out busy) ? (long)busy : null
            : null,
        count);

    /// <summary>One call of a boundary within the kernel, for good.</summary>
    public static FailingCalls Of(CallInfo which, Linux.Errno error) => new(call => call == which ? -(long)error : null, int.MaxValue);
}
