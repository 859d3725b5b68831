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
        if (!row.IsAccounted) return "MISSING";
        string how = row.Row.How switch
        {
            RowHow.Call => string.Empty,
            RowHow.NoOp => "no-op" + reason,
            RowHow.Merged => "merged" + reason,
            RowHow.Absent => "absent" + reason,
            _ => "implicit" + reason + ": ",
        };
        return row.Crossing is { } crossing ? how + TraceText.Describe(crossing) : how;
    }

    private static void WriteVerdict(TextWriter writer, FlowReport report, TerminalInk ink)
    {
        int accounted = report.Rows.Count(r => r.IsAccounted);
        string rows = string.Create(CultureInfo.InvariantCulture, $"rows: {accounted} of {report.Rows.Length} accounted for");
        string kinds = string.Join(", ", report.Rows.Where(r => r.IsAccounted).GroupBy(r => r.Row.How).OrderBy(g => g.Key)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {(g.Key == RowHow.NoOp ? "no-op" : g.Key.ToString().ToLowerInvariant())}")));
        writer.WriteLine($"{rows} ({kinds}); {report.Unrowed.Length.ToString(CultureInfo.InvariantCulture)} further crossings");
        foreach (string violation in report.Violations) writer.WriteLine(ink.Alarm("violation: " + violation));
        writer.WriteLine(report.Conforms ? ink.Good("verdict: conforms" + Extent(report.Profile)) : ink.Alarm("verdict: violates its profile"));
    }

    private static string Extent(FlowProfile profile) => profile.RowsOf(RowHow.Absent) is { Length: > 0 } absent
        ? $" as far as the profile goes (rows, order, invariants); absent from it: {absent}"
        : " (rows, order, invariants)";
}
