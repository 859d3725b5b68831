using System.Text.Json;

namespace TeeIo.Kernel.Guest.Conformance;

/// <summary>What a script or a sequence of calls saw: one line of JSON.</summary>
/// <param name="Name">The script's name, or the sequence's number.</param>
/// <param name="Lines">A line for each call.</param>
public sealed record Transcript(string Name, IReadOnlyList<string> Lines)
{
    /// <summary>The transcript as a line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, ConformanceJson.Default.Transcript);

    /// <summary>A transcript from a line; null if the line is none.</summary>
    public static Transcript? FromLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith("{\"Name\":", StringComparison.Ordinal) ? JsonSerializer.Deserialize(line, ConformanceJson.Default.Transcript) : null;
    }
}
