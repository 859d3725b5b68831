using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>Derives a chart's rows from a trace and holds them against a profile: every row accounted for, in order, and in the right state.</summary>
/// <param name="profile">The profile.</param>
/// <param name="invariants">What else must hold on the trace; none where a monitor has watched it live.</param>
/// <param name="origin">For a trace from outside: what it can show. Rows that it can't show are neither there nor missing. Such a trace may begin before the flow does, and be another program's:
/// where several crossings could make a row, it is the first one that comes after the rows before it.</param>
public sealed class FlowChecker(FlowProfile profile, IReadOnlyList<ITraceInvariant> invariants, ITraceOrigin? origin = null)
{
    private readonly FlowProfile _visible = origin is null ? profile : VisibleFlow.Of(profile, origin);

    /// <summary>Checks the flow of <paramref name="subject"/>.</summary>
    /// <param name="vendor">The vendor that ran.</param>
    /// <param name="trace">The whole trace; crossings of other TDIs are left out of the rows, those of none count for all.</param>
    /// <param name="subject">The TDI.</param>
    public FlowReport Check(string vendor, IReadOnlyList<Crossing> trace, string subject)
    {
        List<Crossing> mine = [.. trace.Where(c => Concerns(c, subject))];
        var timeline = new StateTimeline(_visible, mine);
        var accounts = new Dictionary<string, RowReport>(StringComparer.Ordinal);
        List<RowReport> rows = [.. _visible.Rows.Select(row => AccountOnce(row, mine, timeline, accounts))];
        AttributeChanges(rows, timeline);
        List<string> violations = [.. rows.Where(r => !r.IsAccounted && r.IsVisible).Select(Missing)];
        violations.AddRange(rows.Where(r => r.IsAccounted).SelectMany(r => OutOfOrder(r, rows)));
        violations.AddRange(rows.Where(r => r.IsAccounted && r.At >= 0).SelectMany(r => WrongState(r, timeline)));
        violations.AddRange(InvariantMonitor.Check(invariants, trace).Select(Describe));
        HashSet<Crossing> rowed = [.. _visible.Rows.SelectMany(r => r.Match).SelectMany(m => mine.Where(c => FlowMatcher.IsMatch(m, c)))];
        return new FlowReport(vendor, profile, subject, [.. rows], [.. mine.Where(c => !rowed.Contains(c))], [.. violations]);
    }

    /// <summary>Whether a crossing is about the TDI, about all of the VM whose name the TDI's starts with, or about nothing in particular.</summary>
    private static bool Concerns(Crossing crossing, string subject) =>
        crossing.Subject is not { } about || about == subject || subject.StartsWith(about + "/", StringComparison.Ordinal);

    private RowReport AccountOnce(FlowRow row, List<Crossing> trace, StateTimeline timeline, Dictionary<string, RowReport> accounts)
    {
        if (accounts.TryGetValue(row.Row, out RowReport? known)) return known;
        int earliest = origin is null ? -1 : Predecessors(row).Select(r => AccountOnce(r, trace, timeline, accounts).At).DefaultIfEmpty(-1).Max();
        return accounts[row.Row] = Account(row, trace, timeline, earliest);
    }

    private RowReport Account(FlowRow row, List<Crossing> trace, StateTimeline timeline, int earliest)
    {
        bool isVisible = !row.Match.IsEmpty || profile.Rows.Any(r => r.Row == row.Row && r.Match.IsEmpty);
        if (row.Match.IsEmpty) return new RowReport(row, row.How != RowHow.Call && isVisible, null, string.Empty, string.Empty, -1) { IsVisible = isVisible };
        List<Crossing?> found = [.. row.Match.Select(m => Find(m, trace, earliest))];
        if (found[0] is not { } drawn || found.Contains(null)) return new RowReport(row, false, null, string.Empty, string.Empty, -1);
        int at = FlowMatcher.Time(row.Match[0], drawn);
        bool isStateKnown = origin is null || _visible.Effects.Any(e => e.Variable == "tdi");
        return new RowReport(row, true, drawn, isStateKnown ? timeline.At("tdi", at) : string.Empty, string.Empty, at) { Place = origin?.Place(at) ?? string.Empty };
    }

    private static Crossing? Find(FlowMatch match, List<Crossing> trace, int earliest)
    {
        if (match.Last) return trace.FindLast(c => FlowMatcher.IsMatch(match, c));
        if (earliest < 0) return trace.Find(c => FlowMatcher.IsMatch(match, c));
        List<Crossing> found = trace.FindAll(c => FlowMatcher.IsMatch(match, c));
        return found.Where(c => FlowMatcher.Time(match, c) > earliest).MinBy(c => FlowMatcher.Time(match, c)) ?? found.FirstOrDefault();
    }

    private string Place(int at) => origin?.Place(at) ?? $"at {at}";

    private string Describe(Violation violation) => origin is null ? violation.ToString() : $"{violation} ({origin.Place(violation.Crossing.ClosedAt)})";

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

    private IEnumerable<string> OutOfOrder(RowReport report, List<RowReport> rows)
    {
        foreach (RowReport earlier in Earlier(report, rows).Distinct())
        {
            if (earlier.At >= 0 && report.At >= 0 && earlier.At >= report.At)
                yield return $"row {report.Row.Row} ({report.Row.Step}, {Place(report.At)}) must come after row {earlier.Row.Row} ({earlier.Row.Step}, {Place(earlier.At)})";
        }
    }

    private IEnumerable<RowReport> Earlier(RowReport report, List<RowReport> rows) => Predecessors(report.Row).Select(row => rows.Find(r => r.Row == row)).OfType<RowReport>();

    /// <summary>The rows that must come before one. A row that no crossing makes has no time: those before it stand in for it.</summary>
    private IEnumerable<FlowRow> Predecessors(FlowRow row) => row.After
        .SelectMany(before => _visible.Rows.Where(r => r.Row == before))
        .SelectMany(earlier => earlier.Match.IsEmpty ? Predecessors(earlier) : [earlier]);

    private IEnumerable<string> WrongState(RowReport report, StateTimeline timeline)
    {
        foreach ((string variable, ImmutableArray<string> allowed) in report.Row.When)
        {
            string value = timeline.At(variable, report.At);
            if (!allowed.Contains(value))
                yield return $"row {report.Row.Row} ({report.Row.Step}, {Place(report.At)}) begins with {variable}={value}, not {string.Join(" or ", allowed)}";
        }
    }
}
