using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>A call that the platform answers in another way than Linux.</summary>
/// <param name="Script">The script that makes it.</param>
/// <param name="Call">Its name.</param>
/// <param name="Platform">The platform's answer.</param>
/// <param name="Linux">Linux's answer.</param>
internal sealed record Difference(string Script, string Call, string Platform, string Linux)
{
    private const string Arrow = " -> ";

    /// <summary>All that two transcripts differ in. A script that came further on one kernel differs by the first line that the other lacks.</summary>
    public static IReadOnlyList<Difference> Between(Transcript platform, Transcript real)
    {
        List<Difference> found = [];
        for (int i = 0; i < Math.Max(platform.Lines.Count, real.Lines.Count); i++)
        {
            if (i >= platform.Lines.Count || i >= real.Lines.Count) return [.. found, new(real.Name, "the script's end", At(platform, i), At(real, i))];
            if (platform.Lines[i] != real.Lines[i]) found.Add(Of(real.Name, platform.Lines[i], real.Lines[i]));
        }

        return [.. found.Distinct()];
    }

    /// <summary>A row of the table in the platform's README, its reason left out.</summary>
    public string Row => $"| {Script} | {Call} | {Platform} | {Linux} |";

    private static string At(Transcript transcript, int line) => line < transcript.Lines.Count ? transcript.Lines[line] : "nothing";

    private static Difference Of(string script, string platform, string real)
    {
        (string call, string one) = Split(platform);
        (_, string two) = Split(real);

        // The outcome says enough, where that differs.
        (string first, string second) = (one.Split(' ')[0], two.Split(' ')[0]);
        return new(script, call, first == second ? one : first, first == second ? two : second);
    }

    private static (string Call, string Outcome) Split(string line)
    {
        int arrow = line.LastIndexOf(Arrow, StringComparison.Ordinal);
        return (line[..arrow].Split(' ')[0], line[(arrow + Arrow.Length)..]);
    }
}
