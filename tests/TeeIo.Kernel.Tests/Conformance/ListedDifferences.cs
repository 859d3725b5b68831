namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>The table of the platform's README.</summary>
internal static class ListedDifferences
{
    private const string Begin = "<!-- differences -->";
    private const string End = "<!-- /differences -->";

    /// <summary>Its rows without the reason, which each must have.</summary>
    public static IReadOnlyList<string> Rows { get; } = [.. Read()];

    private static IEnumerable<string> Read()
    {
        string file = Path.Combine(Rig.Root, "sdk", "TeeIo.Platform", "README.md");
        string[] lines = File.ReadAllLines(file);
        int begin = Array.IndexOf(lines, Begin);
        int end = Array.IndexOf(lines, End);
        Assert.True(begin >= 0 && end > begin + 2, $"{file} has no table between '{Begin}' and '{End}'.");

        // Behind the marker stand the heading and the line under it.
        foreach (string line in lines[(begin + 3)..end])
        {
            int reason = line.TrimEnd().TrimEnd('|').LastIndexOf('|');
            Assert.True(reason > 0 && line[(reason + 1)..].Trim(' ', '|').Length > 10, $"This row of {file} has no reason: {line}");
            yield return line[..(reason + 1)];
        }
    }
}
