using TeeIo.Kernel.Guest;

namespace TeeIo.Kernel.Tests;

/// <summary>All cases, run once in one boot, when the first of them is asked for.</summary>
public sealed class GuestRun
{
    private readonly Lazy<(Dictionary<string, CaseResult> Results, string Output)> _run = new(Run);

    /// <summary>What became of a case.</summary>
    public CaseResult Result(string name)
    {
        (Dictionary<string, CaseResult> results, string output) = _run.Value;
        if (results.TryGetValue(name, out CaseResult? result)) return result;
        Assert.Fail($"The guest ended before this case did. What it said:\n{output}");
        return null;
    }

    private static (Dictionary<string, CaseResult> Results, string Output) Run()
    {
        string program = Rig.Publish("tests/TeeIo.Kernel.Guest", "TeeIo.Kernel.Guest");
        (_, string output) = Rig.Run(["--timeout", "120", "--device", "edu"], program);
        return (output.Split('\n').Select(CaseResult.FromLine).OfType<CaseResult>().ToDictionary(r => r.Name), output);
    }
}
