using System.Globalization;
using System.Text;

namespace TeeIo.Flow;

/// <summary>Draws a report as the chart of actors: a column each, a row each, and under each row the real call.</summary>
public static class TextChart
{
    private const int NumberWidth = 5;
    private const int ColumnWidth = 19;

    /// <summary>Draws <paramref name="report"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="colour">Whether to use a terminal's colours.</param>
    public static void Write(TextWriter writer, FlowReport report, bool colour)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        var ink = new TerminalInk(colour);
        writer.WriteLine($"vendor {report.Vendor}, profile {report.Profile.Profile}, TDI {report.Subject}");
        writer.WriteLine();
        writer.WriteLine(ink.Bold(Header(report.Profile)));
        foreach (RowReport row in report.Rows) WriteRow(writer, report, row, ink);
        writer.WriteLine();
        WriteVerdict(writer, report, ink);
    }

    private static string Header(FlowProfile profile)
    {
        var line = new StringBuilder("row".PadRight(NumberWidth));
        foreach (FlowColumn column in profile.Columns) line.Append(column.Title.PadRight(ColumnWidth));
        return line.Append("TDI").ToString();
    }

    private static void WriteRow(TextWriter writer, FlowReport report, RowReport row, TerminalInk ink)
    {
        FlowProfile profile = report.Profile;
        int column = 0;
        while (column < profile.Columns.Length && profile.Columns[column].Actor != row.Row.Actor) column++;
        int indent = NumberWidth + (Math.Min(column, profile.Columns.Length - 1) * ColumnWidth);
        int width = NumberWidth + (profile.Columns.Length * ColumnWidth);
        string step = row.Row.Row.PadRight(NumberWidth).PadRight(indent) + row.Row.Step;
        string state = row.TdiStateAfter.Length == 0 ? row.TdiState : $"{row.TdiState} → {row.TdiStateAfter}";
        writer.WriteLine((ink.Row(step.PadRight(width), row) + state).TrimEnd());
        writer.WriteLine(ink.Faint(new string(' ', NumberWidth) + "· " + Ground(report, row) + Account(row)));
    }

    /// <summary>Whether what is drawn was real or a model's, where a report tells them apart.</summary>
    private static string Ground(FlowReport report, RowReport row) =>
        report.IsReal is { } isReal && row.Crossing is { } crossing ? (isReal(crossing) ? "real: " : "model: ") : string.Empty;

    private static string Account(RowReport row)
    {
        string reason = row.Row.Reason.Length == 0 ? string.Empty : $" ({row.Row.Reason})";
        if (!row.IsVisible) return "not visible in this trace";
        if (!row.IsAccounted) return "MISSING";
        string how = row.Row.How switch
        {
            RowHow.Call => string.Empty,
            RowHow.NoOp => "no-op" + reason,
            RowHow.Merged => "merged" + reason,
            RowHow.Absent => "absent" + reason,
            _ => "implicit" + reason + ": ",
        };
        string place = row.Place.Length == 0 ? string.Empty : $"  ({row.Place})";
        return row.Crossing is { } crossing ? how + TraceText.Describe(crossing) + place : how;
    }

    private static void WriteVerdict(TextWriter writer, FlowReport report, TerminalInk ink)
    {
        int accounted = report.Rows.Count(r => r.IsAccounted);
        string rows = string.Create(CultureInfo.InvariantCulture, $"rows: {accounted} of {report.Rows.Length} accounted for");
        string kinds = string.Join(", ", report.Rows.Where(r => r.IsAccounted).GroupBy(r => r.Row.How).OrderBy(g => g.Key)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {(g.Key == RowHow.NoOp ? "no-op" : g.Key.ToString().ToLowerInvariant())}")));
        int hidden = report.Rows.Count(r => !r.IsVisible);
        string unseen = hidden == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"; {hidden} not visible in this trace");
        writer.WriteLine($"{rows} ({kinds}){unseen}; {report.Unrowed.Length.ToString(CultureInfo.InvariantCulture)} further crossings");
        foreach (string violation in report.Violations) writer.WriteLine(ink.Alarm("violation: " + violation));
        writer.WriteLine(report.Conforms ? ink.Good("verdict: conforms" + Extent(report)) : ink.Alarm("verdict: violates its profile"));
    }

    private static string Extent(FlowReport report)
    {
        (string absent, string hidden) = (report.Profile.RowsOf(RowHow.Absent), report.NotVisible);
        string checks = hidden.Length == 0 ? " (rows, order, invariants)" : " (rows, order)";
        string profile = absent.Length == 0 ? string.Empty : $"; absent from it: {absent}";
        string trace = hidden.Length == 0 ? string.Empty : $"; not visible: {hidden}";
        string extent = (absent.Length, hidden.Length) switch
        {
            (0, 0) => string.Empty,
            (_, 0) => " as far as the profile goes",
            (0, _) => " as far as the trace shows",
            _ => " as far as the profile goes and the trace shows",
        };
        return extent + checks + profile + trace;
    }
}
