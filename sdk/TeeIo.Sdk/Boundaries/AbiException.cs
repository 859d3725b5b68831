using System.Globalization;
using TeeIo.Flow;

namespace TeeIo.Boundaries;

/// <summary>A call failed. The message names the call, the outcome and what the spec says about it.</summary>
public sealed class AbiException : Exception
{
    /// <summary>A failure of <paramref name="call"/> with <paramref name="outcome"/>.</summary>
    public AbiException(CallInfo call, long outcome)
        : base(Describe(call, outcome)) => (Call, Outcome) = (call, outcome);

    /// <summary>The call.</summary>
    public CallInfo Call { get; }

    /// <summary>What came back.</summary>
    public long Outcome { get; }

    private static string Describe(CallInfo call, long outcome)
    {
        ArgumentNullException.ThrowIfNull(call);
        string name = call.Outcome switch
        {
            OutcomeKind.Syscall => new SysResult(outcome).ToString(),
            OutcomeKind.Status => call.OutcomeNames?.Format((ulong)outcome & call.OutcomeMask) is { } status ? $"{status} (0x{outcome:x})" : $"0x{outcome:x}",
            _ => call.OutcomeNames?.Format((ulong)outcome) ?? outcome.ToString(CultureInfo.InvariantCulture),
        };
        return $"{call.Name} failed with {name}{(call.Explain(outcome) is { } meaning ? ": " + meaning : "")}.";
    }
}
