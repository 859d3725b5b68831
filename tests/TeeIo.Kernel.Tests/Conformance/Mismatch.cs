using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>A sequence of calls that the kernels answer differently.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Platform">What the platform answered.</param>
/// <param name="Linux">What Linux answered.</param>
internal sealed record Mismatch(Sequence Sequence, Transcript Platform, Transcript Linux)
{
    private const int Plain = 12;

    /// <summary>A smaller sequence that they still answer differently, where there is one. Every round is one boot, in which all smaller ones are tried.</summary>
    public Mismatch Shrink()
    {
        Mismatch smallest = this;
        while (Smaller(smallest.Sequence.Steps) is { Count: > 0 } candidates)
        {
            Sequence[] sequences = [.. candidates.Select((steps, i) => new Sequence($"{i}", steps))];
            if (SequenceRun.Compare(sequences, "smaller").Mismatches.MinBy(m => (m.Sequence.Steps.Length, m.Sequence.Steps.Sum(b => b))) is not { } found) return smallest;
            smallest = found;
        }

        return smallest;
    }

    /// <summary>The first call that differs.</summary>
    public string First => $"Linux    {At(Linux, Same)}\nplatform {At(Platform, Same)}";

    private int Same => Platform.Lines.Zip(Linux.Lines).TakeWhile(p => p.First == p.Second).Count();

    /// <summary>Both sides' calls, up to the first that differs.</summary>
    public override string ToString() => string.Concat(Linux.Lines.Take(Same).Select(l => $"both     {l}\n")) + $"{First}\nagain: TEEIO_SEQUENCE={Convert.ToBase64String(Sequence.Steps)}";

    private static string At(Transcript transcript, int line) => line < transcript.Lines.Count ? transcript.Lines[line] : "nothing";

    private static List<byte[]> Smaller(byte[] steps)
    {
        List<byte[]> smaller = [];
        int count = steps.Length / Sequence.StepLength;
        for (int length = Math.Max(1, count / 2); length >= 1; length /= 2)
        {
            for (int at = 0; at + length <= count; at += length) smaller.Add([.. steps[..(at * Sequence.StepLength)], .. steps[((at + length) * Sequence.StepLength)..]]);
        }

        // A short one is made plainer, byte by byte.
        for (int at = 0; count <= Plain && at < steps.Length; at++)
        {
            if (steps[at] == 0) continue;
            byte[] plainer = [.. steps];
            plainer[at] = 0;
            smaller.Add(plainer);
        }

        return smaller;
    }
}
