using System.Globalization;

namespace TeeIo.Flow;

/// <summary>Tells whether a crossing is what a <see cref="FlowMatch"/> describes.</summary>
internal static class FlowMatcher
{
    /// <summary>Whether the crossing matches in all but its result; can be asked before it ends.</summary>
    public static bool IsCandidate(FlowMatch match, Crossing crossing) =>
        string.Equals(crossing.Call.Name, match.Call, StringComparison.Ordinal)
        && crossing.Side == match.Side
        && (match.Within is null || crossing.IsWithin(match.Within))
        && match.Where.All(condition => Holds(condition, crossing));

    /// <summary>Whether the crossing matches, its result included. A crossing that an injector kept from its callee never does.</summary>
    public static bool IsMatch(FlowMatch match, Crossing crossing)
    {
        if (!crossing.Entered || !IsCandidate(match, crossing)) return false;
        return match.Result switch
        {
            "any" => true,
            "ok" => crossing.IsSuccess,
            _ => FailedWith(match.Result, crossing),
        };
    }

    /// <summary>Position in the trace at which the match counts: where it begins, or where its error comes back.</summary>
    public static int Time(FlowMatch match, Crossing crossing) => match.Result is "ok" or "any" ? crossing.Sequence : crossing.ClosedAt;

    private static bool FailedWith(string error, Crossing crossing)
    {
        if (crossing.ClosedAt < 0 || crossing.Threw || crossing.IsSuccess) return false;
        foreach (ErrorInfo known in crossing.Call.Errors)
        {
            if (!string.Equals(known.Name, error, StringComparison.Ordinal) || known.Outcome is not { } code) continue;
            ulong mask = crossing.Call.Outcome == OutcomeKind.Status ? crossing.Call.OutcomeMask : ulong.MaxValue;
            return ((ulong)code & mask) == ((ulong)crossing.Outcome & mask);
        }

        return false;
    }

    private static bool Holds(KeyValuePair<string, string> condition, Crossing crossing)
    {
        if (!CrossingArguments.TryRead(crossing, condition.Key, out ulong value)) return false;
        ArgumentInfo argument = crossing.Call.Arguments.First(a => a.Name == condition.Key);
        if (argument.Names is { } names && names.TryGetValue(condition.Value, out ulong named)) return value == named;
        return TryParse(condition.Value, out ulong expected) && value == expected;
    }

    private static bool TryParse(string text, out ulong value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
