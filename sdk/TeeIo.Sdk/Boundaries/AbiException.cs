using System.Globalization;
using TeeIo.Flow;
using TeeIo.Linux;

namespace TeeIo.Boundaries;

/// <summary>A call failed whose caller asked for an exception instead of an outcome.</summary>
public sealed class AbiException : Exception
{
    /// <summary>An error without words.</summary>
    public AbiException()
    {
    }

    /// <summary>An error that says what went wrong.</summary>
    public AbiException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public AbiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The failure of <paramref name="call"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="outcome">What came back.</param>
    public AbiException(CallInfo call, long outcome)
        : base(Describe(call, outcome))
    {
        Call = call;
        Outcome = outcome;
    }

    /// <summary>The call, or null where the error isn't one call's.</summary>
    public CallInfo? Call { get; }

    /// <summary>What came back.</summary>
    public long Outcome { get; }

    /// <summary>For calls that return errnos: the errno.</summary>
    public Errno Errno => Call is { Outcome: OutcomeKind.Syscall } ? new SysResult(Outcome).Errno : Errno.Ok;

    private static string Describe(CallInfo call, long outcome)
    {
        ArgumentNullException.ThrowIfNull(call);
        string name = call.Outcome == OutcomeKind.Syscall
            ? new SysResult(outcome).Errno.ToString()
            : call.OutcomeNames?.Format((ulong)outcome & call.OutcomeMask) ?? "0x" + outcome.ToString("x", CultureInfo.InvariantCulture);
        string meaning = call.Explain(outcome) is { } words ? $": {words}" : string.Empty;
        return $"{call.Name} failed with {name}{meaning}.";
    }
}
