using System.Globalization;

namespace TeeIo.Flow;

/// <summary>Writes a trace line by line: each crossing below the one that encloses it, with its side, its arguments and what came back. For reading, and for comparing two runs.</summary>
public static class TraceText
{
    private const int Step = 2;
    private const int NumberWidth = 6;
    private const int TaskWidth = 16;

    /// <summary>Writes <paramref name="trace"/>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="trace">The crossings in their order.</param>
    public static void Write(TextWriter writer, IReadOnlyList<Crossing> trace)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(trace);
        foreach (Crossing crossing in trace)
        {
            string number = crossing.Sequence.ToString(CultureInfo.InvariantCulture).PadLeft(NumberWidth);
            string side = crossing.Side == CrossingSide.Client ? "→" : "⇒";
            string kept = crossing.Entered ? string.Empty : " (not entered)";
            writer.WriteLine($"{number} {crossing.Task.PadRight(TaskWidth)} {new string(' ', Step * Depth(crossing))}{side} {crossing.Actor}: {Describe(crossing)}{kept}");
        }
    }

    /// <summary>A crossing in words: the call, its arguments by name, and what came back.</summary>
    public static string Describe(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        string arguments = string.Join(' ', CrossingArguments.Describe(crossing).Select(a => $"{a.Key}={a.Value}"));
        return $"{crossing.Call.Name}{(arguments.Length == 0 ? string.Empty : " " + arguments)} = {CrossingArguments.DescribeOutcome(crossing)}";
    }

    private static int Depth(Crossing crossing)
    {
        int depth = 0;
        for (Crossing? parent = crossing.Parent; parent is not null; parent = parent.Parent) depth++;
        return depth;
    }
}
