using System.Text.Json;

namespace TeeIo.Flow;

/// <summary>Writes reports as JSON, for programs.</summary>
public static class JsonChart
{
    private static readonly JsonWriterOptions _options = new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <paramref name="report"/> as one object.</summary>
    public static void Write(Stream stream, FlowReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        using var json = new Utf8JsonWriter(stream, _options);
        WriteReport(json, report);
    }

    /// <summary>Writes <paramref name="reports"/> as an array of such objects.</summary>
    public static void WriteAll(Stream stream, IEnumerable<FlowReport> reports)
    {
        ArgumentNullException.ThrowIfNull(reports);
        using var json = new Utf8JsonWriter(stream, _options);
        json.WriteStartArray();
        foreach (FlowReport report in reports) WriteReport(json, report);
        json.WriteEndArray();
    }

    private static void WriteReport(Utf8JsonWriter json, FlowReport report)
    {
        json.WriteStartObject();
        json.WriteString("vendor", report.Vendor);
        json.WriteString("profile", report.Profile.Profile);
        json.WriteString("tdi", report.Subject);
        json.WriteString("verdict", report.Conforms ? "conforms" : "violates");
        json.WriteString("absent", report.Profile.RowsOf(RowHow.Absent));
        if (report.NotVisible is { Length: > 0 } hidden) json.WriteString("notVisible", hidden);
        json.WriteStartArray("rows");
        foreach (RowReport row in report.Rows) WriteRow(json, report, row);
        json.WriteEndArray();
        json.WriteStartArray("violations");
        foreach (string violation in report.Violations) json.WriteStringValue(violation);
        json.WriteEndArray();
        json.WriteStartArray("unrowed");
        foreach (Crossing crossing in report.Unrowed) WriteCrossing(json, crossing);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRow(Utf8JsonWriter json, FlowReport report, RowReport row)
    {
        json.WriteStartObject();
        json.WriteString("row", row.Row.Row);
        json.WriteString("actor", row.Row.Actor);
        json.WriteString("name", row.Row.Step);
        json.WriteString("how", !row.IsVisible ? "not-visible" : !row.IsAccounted ? "missing" : HowName(row.Row.How));
        if (row.Row.Reason.Length > 0) json.WriteString("reason", row.Row.Reason);
        if (row.Crossing is { } crossing)
        {
            WriteCall(json, crossing);
            if (report.IsReal is { } isReal) json.WriteString("ground", isReal(crossing) ? "real" : "model");
            json.WriteString("tdiState", row.TdiState);
            if (row.TdiStateAfter.Length > 0) json.WriteString("tdiStateAfter", row.TdiStateAfter);
            json.WriteNumber("at", row.At);
            if (row.Place.Length > 0) json.WriteString("place", row.Place);
        }
        else
        {
            json.WriteNull("call");
            json.WriteNull("args");
            json.WriteNull("result");
            json.WriteNull("tdiState");
            json.WriteNull("at");
        }

        json.WriteEndObject();
    }

    private static void WriteCrossing(Utf8JsonWriter json, Crossing crossing)
    {
        json.WriteStartObject();
        json.WriteNumber("at", crossing.Sequence);
        json.WriteString("actor", crossing.Actor);
        json.WriteString("side", crossing.Side == CrossingSide.Client ? "client" : "server");
        json.WriteString("task", crossing.Task);
        WriteCall(json, crossing);
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, Crossing crossing)
    {
        json.WriteString("call", crossing.Call.Name);
        json.WriteStartObject("args");
        foreach ((string name, string value) in CrossingArguments.Describe(crossing)) json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteString("result", CrossingArguments.DescribeOutcome(crossing));
    }

    private static string HowName(RowHow how) => how == RowHow.NoOp ? "no-op" : how.ToString().ToLowerInvariant();
}
