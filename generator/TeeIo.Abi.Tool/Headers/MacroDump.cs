using System.Globalization;
using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>Reads the macros of one file out of a preprocessor's output with directives (<c>-E -dD</c>).</summary>
internal static partial class MacroDump
{
    /// <summary>The macros without parameters that <paramref name="file"/> defines and leaves defined.</summary>
    public static IReadOnlyList<(string Name, string Body, int Line)> Read(string output, string file)
    {
        Dictionary<string, (string Name, string Body, int Line)> macros = new(StringComparer.Ordinal);
        string here = "";
        int line = 0;
        foreach (string text in output.Split('\n'))
        {
            if (Marker().Match(text) is { Success: true } marker)
            {
                here = marker.Groups[2].Value.Replace(@"\\", @"\", StringComparison.Ordinal);
                line = int.Parse(marker.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                continue;
            }

            if (Definition().Match(text) is { Success: true } definition && here == file)
            {
                string name = definition.Groups[1].Value;
                macros[name] = (name, definition.Groups[2].Value.Trim(), line);
            }
            else if (Removal().Match(text) is { Success: true } removal)
            {
                macros.Remove(removal.Groups[1].Value);
            }

            line++;
        }

        return [.. macros.Values.OrderBy(m => m.Line)];
    }

    [GeneratedRegex("""^# (\d+) "(.*?)"(?: |$)""")]
    private static partial Regex Marker();

    [GeneratedRegex(@"^#define (\w+)(?:\s+(.*))?$")]
    private static partial Regex Definition();

    [GeneratedRegex(@"^#undef (\w+)")]
    private static partial Regex Removal();
}
