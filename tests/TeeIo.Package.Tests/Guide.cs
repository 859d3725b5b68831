using System.Text.RegularExpressions;

namespace TeeIo.Package.Tests;

/// <summary>The guide of the vendor template: its README.md, which shows an op under each heading that names one.</summary>
internal static partial class Guide
{
    /// <summary>The ops of the guide <paramref name="text"/>: the class, the op, and the code that fills it.</summary>
    public static IReadOnlyList<(string Type, string Op, string Code)> OpsOf(string text) =>
        [.. Steps().Matches(text).Select(m => (m.Groups["type"].Value, m.Groups["op"].Value, m.Groups["code"].Value))];

    /// <summary><paramref name="code"/> as it stands in a class.</summary>
    public static string InClass(string code) => string.Join('\n', code.Split('\n').Select(l => l.Length == 0 ? l : "    " + l));

    [GeneratedRegex(@"^### (?<type>\w+)\.(?<op>\w+)\n(?:(?!^#).*\n)*?```csharp\n(?<code>(?s:.*?))\n```$", RegexOptions.Multiline)]
    private static partial Regex Steps();
}
