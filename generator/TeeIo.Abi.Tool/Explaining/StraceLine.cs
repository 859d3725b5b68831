using System.Globalization;
using System.Text.RegularExpressions;

namespace TeeIo.Abi.Tool.Explaining;

/// <summary>The request of an ioctl as strace prints it.</summary>
internal static partial class StraceLine
{
    private const int NumberBits = 8;
    private const int SizeShift = 16;
    private const int DirectionShift = 30;

    /// <summary>The request number in <paramref name="line"/>, or null where it has no ioctl with a number. strace prints names that it knows, the parts (<c>_IOC(_IOC_NONE, 0x3b, 0x85, 0)</c>),
    /// or with <c>-e raw=ioctl</c> the number.</summary>
    public static ulong? Request(string line)
    {
        if (Parts().Match(line) is { Success: true } parts)
        {
            string direction = parts.Groups["dir"].Value;
            ulong bits = (direction.Contains("_IOC_WRITE", StringComparison.Ordinal) ? 1UL : 0) | (direction.Contains("_IOC_READ", StringComparison.Ordinal) ? 2UL : 0);
            return (bits << DirectionShift) | (Number(parts, "size") << SizeShift) | (Number(parts, "type") << NumberBits) | Number(parts, "nr");
        }

        return Raw().Match(line) is { Success: true } raw ? Number(raw, "request") : null;
    }

    /// <summary>The number that <paramref name="text"/> is, decimal or hex, or null.</summary>
    public static ulong? Number(string text)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHex ? text.AsSpan(2) : text, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
    }

    private static ulong Number(Match match, string group) => Number(match.Groups[group].Value) ?? 0;

    [GeneratedRegex(@"ioctl\([^,]+,.*?_IOC\((?<dir>[_A-Z0-9|x]+),\s*(?<type>0x[0-9a-fA-F]+|\d+),\s*(?<nr>0x[0-9a-fA-F]+|\d+),\s*(?<size>0x[0-9a-fA-F]+|\d+)\)")]
    private static partial Regex Parts();

    [GeneratedRegex(@"ioctl\([^,]+,\s*(?<request>0x[0-9a-fA-F]+|\d+)\b")]
    private static partial Regex Raw();
}
