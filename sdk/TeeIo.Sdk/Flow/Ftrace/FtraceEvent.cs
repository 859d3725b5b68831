using System.Collections.Immutable;
using System.Globalization;

namespace TeeIo.Flow.Ftrace;

/// <summary>One event of a kernel's trace: what a probe saw.</summary>
/// <param name="Line">The line that it stands in, from 1.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Pid">The task's id.</param>
/// <param name="Time">The time as the trace has it, in seconds of its clock.</param>
/// <param name="Name">The event's name, without its group.</param>
/// <param name="Fields">Its fields in order: name and text.</param>
public sealed record FtraceEvent(int Line, string Task, int Pid, decimal Time, string Name, ImmutableArray<KeyValuePair<string, string>> Fields)
{
    private const string Hex = "0x";

    /// <summary>The text of the field called <paramref name="field"/>, without quotes, or null.</summary>
    public string? Text(string field)
    {
        foreach ((string name, string text) in Fields)
        {
            if (name == field) return text.Length > 1 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
        }

        return null;
    }

    /// <summary>The number in the field called <paramref name="field"/>; a negative one as its two's complement.</summary>
    /// <returns>False where there is no such field, or no number in it: a probe that couldn't read memory says <c>(fault)</c>.</returns>
    public bool TryGetNumber(string field, out ulong value)
    {
        value = 0;
        if (Text(field) is not { } text) return false;
        if (text.StartsWith(Hex, StringComparison.Ordinal)) return ulong.TryParse(text.AsSpan(Hex.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long signed))
            return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        value = unchecked((ulong)signed);
        return true;
    }
}
