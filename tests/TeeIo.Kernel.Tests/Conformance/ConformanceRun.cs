using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>What the suite saw on both kernels: on the real one in one boot, when the first script's is asked for.</summary>
public sealed class ConformanceRun
{
    private readonly Lazy<(Dictionary<string, Transcript> Transcripts, string Output)> _real = new(RunReal);

    /// <summary>What a script saw on the real kernel.</summary>
    public Transcript Real(string name)
    {
        (Dictionary<string, Transcript> transcripts, string output) = _real.Value;
        if (transcripts.TryGetValue(name, out Transcript? transcript)) return transcript;
        Assert.Fail($"The guest ended before this script did. What it said:\n{output}");
        return null;
    }

    /// <summary>What it sees on the platform.</summary>
    public static Transcript OnPlatform(string name) => PlatformTarget.Run(Suite.All.Single(s => s.Name == name).On);

    private static (Dictionary<string, Transcript> Transcripts, string Output) RunReal()
    {
        (_, string output) = Rig.Run(["--timeout", "120", "--device", "edu", "--device", "edu"], Rig.Guest, ConformanceArguments.Suite);
        return (output.Split('\n').Select(Transcript.FromLine).OfType<Transcript>().ToDictionary(t => t.Name), output);
    }
}
