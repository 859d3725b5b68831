using System.Text.Json;

namespace TeeIo.Kernel.Guest;

/// <summary>One line on the guest's terminal that the host reads: JSON, of one kind.</summary>
/// <param name="Case">What became of a case, or null.</param>
/// <param name="Outcome">How a call has ended once, or null.</param>
public sealed record GuestLine(CaseResult? Case = null, CallOutcome? Outcome = null)
{
    /// <summary>It as text.</summary>
    public string ToText() => JsonSerializer.Serialize(this, GuestLineJson.Default.GuestLine);

    /// <summary>A line from text; null if that is none.</summary>
    public static GuestLine? FromText(string text)
    {
        if (!text.StartsWith('{')) return null;
        try
        {
            return JsonSerializer.Deserialize(text, GuestLineJson.Default.GuestLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
