using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>What of a flow a trace from outside can show: a row keeps those of its calls that the trace can hold, a call forgets an enclosing one that it can't, and a variable of the state vector
/// counts only where the trace shows all that changes it.</summary>
internal static class VisibleFlow
{
    public static FlowProfile Of(FlowProfile profile, ITraceOrigin origin)
    {
        HashSet<string> unknown = [.. profile.Effects.Where(e => !Shows(e.Match, origin)).Select(e => e.Variable)];
        return profile with
        {
            Effects = [.. profile.Effects.Where(e => !unknown.Contains(e.Variable)).Select(e => e with { Match = Reduce(e.Match, origin) })],
            Rows = [.. profile.Rows.Select(r => r with { Match = [.. r.Match.Where(m => Shows(m, origin)).Select(m => Reduce(m, origin))], When = Known(r, unknown) })],
        };
    }

    private static bool Shows(FlowMatch match, ITraceOrigin origin) => origin.Shows(match.Call);

    private static FlowMatch Reduce(FlowMatch match, ITraceOrigin origin) => match.Within is { } within && !origin.Shows(within) ? match with { Within = null } : match;

    private static ImmutableArray<KeyValuePair<string, ImmutableArray<string>>> Known(FlowRow row, HashSet<string> unknown) => [.. row.When.Where(w => !unknown.Contains(w.Key))];
}
