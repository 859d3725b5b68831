using System.Text.Json;

namespace TeeIo.Kernel.Guest;

/// <summary>What became of a case: one line of JSON on the guest's terminal.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Problem">What went wrong; null if nothing did.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record CaseResult(string Name, string? Problem, long Milliseconds)
{
    /// <summary>The result as a line.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, CaseResultJson.Default.CaseResult);

    /// <summary>A result from a line; null if the line is none.</summary>
    public static CaseResult? FromLine(string line)
    {
        if (!line.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize(line, CaseResultJson.Default.CaseResult);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
