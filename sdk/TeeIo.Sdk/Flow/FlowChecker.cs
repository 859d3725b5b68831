using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>Derives a chart's rows from a trace and holds them against a profile: every row accounted for, in order, and in the right state.</summary>
/// <param name="profile">The profile.</param>
/// <param name="invariants">What else must hold on the trace; none where a monitor has watched it live.</param>
public sealed class FlowChecker(FlowProfile profile, IReadOnlyList<ITraceInvariant> invariants)
{
    /// <summary>Checks the flow of <paramref name="subject"/>.</summary>
    /// <param name="vendor">The vendor that ran.</param>
    /// <param name="trace">The whole trace; crossings of other TDIs are left out of the rows, those of none count for all.</param>
    /// <param name="subject">The TDI.</param>
    public FlowReport Check(string vendor, IReadOnlyList<Crossing> trace, string subject)
    {
        List<Crossing> mine = [.. trace.Where(c => Concerns(c, subject))];
        var timeline = new StateTimeline(profile, mine);
        List<RowReport> rows = [.. profile.Rows.Select(row => Account(row, mine, timeline))];
        AttributeChanges(rows, timeline);
        List<string> violations = [.. rows.Where(r => !r.IsAccounted).Select(Missing)];
        violations.AddRange(rows.Where(r => r.IsAccounted).SelectMany(r => OutOfOrder(r, rows)));
        violations.AddRange(rows.Where(r => r.IsAccounted && r.At >= 0).SelectMany(r => WrongState(r, timeline)));
        violations.AddRange(InvariantMonitor.Check(invariants, trace).Select(v => v.ToString()));
        HashSet<Crossing> rowed = [.. profile.Rows.SelectMany(r => r.Match).SelectMany(m => mine.Where(c => FlowMatcher.IsMatch(m, c)))];
        return new FlowReport(vendor, profile, subject, [.. rows], [.. mine.Where(c => !rowed.Contains(c))], [.. violations]);
    }

    /// <summary>Whether a crossing is about the TDI, about all of the VM whose name the TDI's starts with, or about nothing in particular.</summary>
    private static bool Concerns(Crossing crossing, string subject) =>
        crossing.Subject is not { } about || about == subject || subject.StartsWith(about + "/", StringComparison.Ordinal);

    private static RowReport Account(FlowRow row, List<Crossing> trace, StateTimeline timeline)
    {
        if (row.Match.IsEmpty) return new RowReport(row, row.How != RowHow.Call, null, string.Empty, string.Empty, -1);
        List<Crossing?> found = [.. row.Match.Select(m => Find(m, trace))];
        if (found[0] is not { } drawn || found.Contains(null)) return new RowReport(row, false, null, string.Empty, string.Empty, -1);
        int at = FlowMatcher.Time(row.Match[0], drawn);
        return new RowReport(row, true, drawn, timeline.At("tdi", at), string.Empty, at);
    }

    private static Crossing? Find(FlowMatch match, List<Crossing> trace) =>
        match.Last ? trace.FindLast(c => FlowMatcher.IsMatch(match, c)) : trace.Find(c => FlowMatcher.IsMatch(match, c));

    /// <summary>Gives each change of the TDI's state to the innermost row that was open when it came about.</summary>
    private static void AttributeChanges(List<RowReport> rows, StateTimeline timeline)
    {
        foreach (StateTimeline.Change change in timeline.Changes.Where(c => c.Variable == "tdi"))
        {
            int innermost = -1;
            for (int i = 0; i < rows.Count; i++)
            {
                if (rows[i].Crossing is not { } c || c.Sequence > change.Time || c.ClosedAt < change.Time) continue;
                if (innermost < 0 || c.Sequence > rows[innermost].Crossing!.Sequence) innermost = i;
            }

            if (innermost >= 0) rows[innermost] = rows[innermost] with { TdiStateAfter = change.Value };
        }
    }

    private static string Missing(RowReport report)
    {
        string needs = string.Join(" and ", report.Row.Match.Select(m =>
            $"{m.Call} on the {(m.Side == CrossingSide.Client ? "caller's" : "callee's")} side{(m.Within is null ? string.Empty : $" within {m.Within}")}"));
        return $"row {report.Row.Row} ({report.Row.Step}) is missing: the trace lacks {(needs.Length == 0 ? "any account of it" : needs)}";
    }

    private static IEnumerable<string> OutOfOrder(RowReport report, List<RowReport> rows)
    {
        foreach (RowReport earlier in Earlier(report, rows).Distinct())
        {
            if (earlier.At >= 0 && report.At >= 0 && earlier.At >= report.At)
                yield return $"row {report.Row.Row} ({report.Row.Step}, at {report.At}) must come after row {earlier.Row.Row} ({earlier.Row.Step}, at {earlier.At})";
        }
    }

    /// <summary>The rows that must come before one. A row that no crossing makes has no time: those before it stand in for it.</summary>
    private static IEnumerable<RowReport> Earlier(RowReport report, List<RowReport> rows) => report.Row.After
        .Select(before => rows.Find(r => r.Row.Row == before)).OfType<RowReport>()
        .SelectMany(earlier => earlier.Row.Match.IsEmpty ? Earlier(earlier, rows) : [earlier]);

    private static IEnumerable<string> WrongState(RowReport report, StateTimeline timeline)
    {
        foreach ((string variable, ImmutableArray<string> allowed) in report.Row.When)
        {
            string value = timeline.At(variable, report.At);
            if (!allowed.Contains(value))
                yield return $"row {report.Row.Row} ({report.Row.Step}, at {report.At}) begins with {variable}={value}, not {string.Join(" or ", allowed)}";
        }
    }
}
