using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>Plays sequences on both kernels.</summary>
internal static class SequenceRun
{
    /// <summary>The sequences that the kernels answer differently, in order, and how many calls there were.</summary>
    public static (IReadOnlyList<Mismatch> Mismatches, int Calls) Compare(IReadOnlyList<Sequence> sequences, string name = "run")
    {
        Transcript[] real = OnLinux(sequences, name);
        List<Mismatch> mismatches = [];
        int calls = 0;
        for (int i = 0; i < sequences.Count; i++)
        {
            Transcript platform = PlatformTarget.Run(sequences[i].On);
            calls += platform.Lines.Count;
            if (!platform.Lines.SequenceEqual(real[i].Lines)) mismatches.Add(new Mismatch(sequences[i], platform, real[i]));
        }

        return (mismatches, calls);
    }

    private static Transcript[] OnLinux(IReadOnlyList<Sequence> sequences, string name)
    {
        DirectoryInfo shared = Directory.CreateDirectory(Path.Combine(Rig.Root, "obj", "rig", "sequences", name));
        string from = Path.Combine(shared.FullName, "sequences");
        string to = Path.Combine(shared.FullName, "transcripts");
        File.Delete(to);
        File.WriteAllLines(from, sequences.Select(s => s.ToLine()));
        (int code, string output) = Rig.Run(
            ["--timeout", "600", "--device", "edu", "--device", "edu", "--share", shared.FullName], Rig.Guest, ConformanceArguments.Play, from, to);
        Assert.True(code == 0, output);
        Transcript[] transcripts = [.. File.ReadLines(to).Select(Transcript.FromLine).OfType<Transcript>()];
        Assert.Equal(sequences.Select(s => s.Name), transcripts.Select(t => t.Name));
        return transcripts;
    }
}
