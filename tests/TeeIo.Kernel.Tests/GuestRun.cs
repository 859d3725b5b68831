using TeeIo.Kernel.Guest;

namespace TeeIo.Kernel.Tests;

/// <summary>All cases, run once in one boot, when the first of them is asked for.</summary>
public sealed class GuestRun
{
    // A second edu device behind VT-d, a third that no IOMMU stands in front of (it must reach all memory, and by itself only reaches 256 MiB), and an NVMe controller, which can be reset.
    private static readonly string[] s_machine =
    [
        "--timeout", "120", "--append", "vfio.enable_unsafe_noiommu_mode=1", "--device", "edu", "--device", "nvme",
        "--device", "pxb-pcie,id=free,bus_nr=16,bus=pcie.0,bypass_iommu=on", "--device", "pcie-root-port,id=behind,bus=free,chassis=1", "--device", "edu,bus=behind,dma_mask=0xffffffffffffffff",
    ];

    private readonly Lazy<(Dictionary<string, CaseResult> Results, IReadOnlyList<CallOutcome> Outcomes, string Output)> _run = new(Run);

    /// <summary>How calls have ended in all of them.</summary>
    public IReadOnlyList<CallOutcome> Outcomes => _run.Value.Outcomes;

    /// <summary>What became of a case.</summary>
    public CaseResult Result(string name)
    {
        (Dictionary<string, CaseResult> results, _, string output) = _run.Value;
        if (results.TryGetValue(name, out CaseResult? result)) return result;
        Assert.Fail($"The guest ended before this case did. What it said:\n{output}");
        return null;
    }

    private static (Dictionary<string, CaseResult> Results, IReadOnlyList<CallOutcome> Outcomes, string Output) Run()
    {
        (_, string output) = Rig.Run(s_machine, Rig.Guest);
        GuestLine[] lines = [.. output.Split('\n').Select(GuestLine.FromText).OfType<GuestLine>()];
        return (lines.Select(l => l.Case).OfType<CaseResult>().ToDictionary(r => r.Name), [.. lines.Select(l => l.Outcome).OfType<CallOutcome>()], output);
    }
}
