using System.Text.Json;
using Spectre.Console;

namespace TeeIo.Abi.Tool.Output;

/// <summary>Writes what a command found, as text or as JSON.</summary>
internal static class Report
{
    private const int PipeWidth = 200;

    /// <summary>Writes <paramref name="sections"/>, those without rows only in JSON, and in text <paramref name="verdict"/> as the last line.</summary>
    public static void Write(TextWriter output, OutputFormat format, string verdict, params IReadOnlyList<Section> sections)
    {
        if (format == OutputFormat.Json) WriteJson(output, verdict, sections);
        else WriteText(output, verdict, sections);
    }

    private static void WriteText(TextWriter output, string verdict, IReadOnlyList<Section> sections)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Out.IsTerminal || Console.IsOutputRedirected) console.Profile.Width = PipeWidth;
        foreach (Section section in sections.Where(s => s.Rows.Count > 0))
        {
            Table table = new() { Title = new TableTitle(Markup.Escape(section.Title)), Border = TableBorder.Simple };
            foreach (string column in section.Columns) table.AddColumn(new TableColumn(Markup.Escape(column)));
            foreach (IReadOnlyList<string?> row in section.Rows) table.AddRow([.. row.Select(c => Markup.Escape(c ?? ""))]);
            console.Write(table);
        }

        output.WriteLine(verdict);
    }

    private static void WriteJson(TextWriter output, string verdict, IReadOnlyList<Section> sections)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("verdict", verdict);
            foreach (Section section in sections)
            {
                json.WriteStartArray(section.Key);
                foreach (IReadOnlyList<string?> row in section.Rows)
                {
                    json.WriteStartObject();
                    for (int i = 0; i < section.Columns.Count; i++)
                    {
                        if (row[i] is { } cell) json.WriteString(section.Columns[i], cell);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        output.WriteLine(System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
    }
}
