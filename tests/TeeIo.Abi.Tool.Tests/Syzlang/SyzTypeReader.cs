using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Reads types.</summary>
internal static partial class SyzTypeReader
{
    /// <summary>The type that <paramref name="text"/> is, or null.</summary>
    public static SyzType? Read(string text)
    {
        int bracket = text.IndexOf('[', StringComparison.Ordinal);
        if (Text().IsMatch(text) || bracket < 0) return Word().IsMatch(text) || Text().IsMatch(text) ? new SyzType(text, []) : null;
        if (!text.EndsWith(']') || !Word().IsMatch(text[..bracket]) || char.IsAsciiDigit(text[0])) return null;
        List<SyzType> options = [];
        foreach (string option in Split(text[(bracket + 1)..^1]))
        {
            if (Read(option.Trim()) is not { } read) return null;
            options.Add(read);
        }

        return options.Count > 0 ? new SyzType(text[..bracket], options) : null;
    }

    /// <summary>The parts of <paramref name="text"/> between commas that stand in no brackets.</summary>
    public static IEnumerable<string> Split(string text)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '[') depth++;
            else if (text[i] == ']') depth--;
            else if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    [GeneratedRegex(@"^(?:[A-Za-z_][A-Za-z0-9_]*(?:\$[A-Za-z0-9_]+)?|[0-9]+|0x[0-9a-f]+)$")]
    private static partial Regex Word();

    [GeneratedRegex("^\"[^\"\\[\\],]+\"$")]
    private static partial Regex Text();
}
