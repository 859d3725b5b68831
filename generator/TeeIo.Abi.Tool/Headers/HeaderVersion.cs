using System.Globalization;
using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>Which kernel a folder of headers is of.</summary>
internal static partial class HeaderVersion
{
    /// <summary>The version: by <c>linux/version.h</c>, else by the folder's name (<c>6.12</c>), else null.</summary>
    public static Version? Of(string headers)
    {
        string file = Path.Combine(headers, "linux", "version.h");
        if (File.Exists(file) && Code().Match(File.ReadAllText(file)) is { Success: true } match)
        {
            int code = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            return new Version(code >> 16, (code >> 8) & byte.MaxValue);
        }

        return Parse(Path.GetFileName(Path.TrimEndingDirectorySeparator(headers)));
    }

    /// <summary>The kernel version that <paramref name="text"/> begins with, or null.</summary>
    public static Version? Parse(string? text) =>
        text is not null && Number().Match(text) is { Success: true } match
            ? new Version(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture))
            : null;

    [GeneratedRegex(@"#define\s+LINUX_VERSION_CODE\s+(\d+)")]
    private static partial Regex Code();

    [GeneratedRegex(@"^(\d+)\.(\d+)")]
    private static partial Regex Number();
}
