using System.Diagnostics.CodeAnalysis;
using TeeIo.Flow;

namespace TeeIo.Cli;

/// <summary>Writes reports to standard output or into a file.</summary>
internal static class ReportFile
{
    /// <summary>Writes reports as charts or as JSON: one report, or a list of them where <paramref name="isList"/> is set.</summary>
    public static bool TryWrite(IReadOnlyList<FlowReport> reports, bool isList, OutputFormat format, FileInfo? output, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (output is null)
        {
            using Stream console = Console.OpenStandardOutput();
            Write(console, reports, isList, format, colour: !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null);
            return true;
        }

        return TryWriteFile(output, stream => Write(stream, reports, isList, format, colour: false), out problem);
    }

    /// <summary>Writes a file whole, or leaves it as it was.</summary>
    public static bool TryWriteFile(FileInfo output, Action<Stream> write, [NotNullWhen(false)] out string? problem)
    {
        problem = null;

        // Written beside the target and moved there whole, so that a full disk leaves no half a report.
        string temporary = output.FullName + ".partial";
        try
        {
            using (FileStream file = File.Create(temporary)) write(file);
            File.Move(temporary, output.FullName, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            problem = $"{output.FullName} can't be written: {e.Message}";
            return false;
        }
    }

    /// <summary>One report, or a list of them where all vendors were asked for.</summary>
    private static void Write(Stream stream, IReadOnlyList<FlowReport> reports, bool isList, OutputFormat format, bool colour)
    {
        if (format == OutputFormat.Json)
        {
            if (isList) JsonChart.WriteAll(stream, reports);
            else JsonChart.Write(stream, reports[0]);
            stream.Write("\n"u8);
            return;
        }

        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        for (int i = 0; i < reports.Count; i++)
        {
            if (i > 0) writer.WriteLine();
            TextChart.Write(writer, reports[i], colour);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"teeio: {path} is left behind: {e.Message}");
        }
    }
}
