using System.Globalization;
using CsCheck;
using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>Random sequences of legal and illegal calls have the same answers on both kernels. TEEIO_SEQUENCES says how many, TEEIO_SEQUENCES_SEED with which seed, and TEEIO_SEQUENCE
/// plays one that a failure has named.</summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const string DefaultSeed = "0000KernelsAlike";
    private const int MostSteps = 40;
    private static readonly int s_count =
        int.TryParse(Environment.GetEnvironmentVariable("TEEIO_SEQUENCES"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 500;

    private static Gen<byte[]> Steps { get; } = Gen.Byte.Array[Sequence.StepLength].Array[4, MostSteps].Select(steps => steps.SelectMany(s => s).ToArray());

    [Fact]
    public void Random_sequences_of_calls_have_the_same_answers()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        string seed = Environment.GetEnvironmentVariable("TEEIO_SEQUENCES_SEED") is { Length: > 0 } chosen ? chosen : DefaultSeed;
        Sequence[] sequences = Environment.GetEnvironmentVariable("TEEIO_SEQUENCE") is { Length: > 0 } one ? [new Sequence("0", Convert.FromBase64String(one))] : Generate(seed);
        (IReadOnlyList<Mismatch> mismatches, int calls) = SequenceRun.Compare(sequences);
        string figures = string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {sequences.Length} sequences, {calls} calls, {mismatches.Count} sequences with a difference");
        output.WriteLine(figures);
        if (mismatches is [{ } shortest, ..]) Assert.Fail($"{figures}; number {shortest.Sequence.Name}, made as small as it goes:\n{shortest.Shrink()}\nthe first difference of the others:\n{string.Join("\n", mismatches.Skip(1).Select(m => m.First).Distinct())}");
    }

    private static Sequence[] Generate(string seed)
    {
        PCG pcg = PCG.Parse(seed);
        return [.. Enumerable.Range(0, s_count).Select(i => new Sequence(i.ToString(CultureInfo.InvariantCulture), Steps.Generate(pcg, null, out _)))];
    }
}
