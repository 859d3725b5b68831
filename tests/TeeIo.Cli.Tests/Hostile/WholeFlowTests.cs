using TeeIo.Cli.Tests.Faults;
using TeeIo.Hostile;
using TeeIo.Platform;
using TeeIo.Platform.Scenarios;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>The whole flow, in which one thing changes on its way between guest, VMM and host. It may fail; nothing else may come of it.</summary>
public sealed class WholeFlowTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("tdx", "seed-2025-05")]
    [InlineData("sev", "seed-2025-05")]
    [InlineData("tdx", "next")]
    [InlineData("sev", "next")]
    public void One_change_on_the_way_breaks_no_invariant_and_loses_nothing(string vendor, string profile) =>
        MutationRun.Run(output, $"whole flow, {vendor}, {profile}", mutation => Judge(vendor, profile, mutation), share: 2000);

    private static string? Judge(string vendor, string profile, Mutation mutation)
    {
        var liar = new Liar(mutation);
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions
        {
            Vendor = machine => new LyingVendor(Make(vendor, machine), liar),
            Profile = profile,
            Seed = 1 + mutation.Below(1 << 16),
            Vms = 1,
            Injector = _ => new StepLimit(null),
        });

        // A step that fails is all right. Private access that works where it mustn't isn't.
        IEnumerable<string> wrong = outcome.Violations.Select(v => v.ToString()).Concat(outcome.Lost).Concat(outcome.Log.Where(l => l.Contains(" succeeded ", StringComparison.Ordinal)));
        string found = string.Join("; ", wrong);
        return found.Length == 0 ? null : $"{liar}: {found}";
    }

    private static IVendorPlatform Make(string vendor, SoftwareMachine machine) => vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine);
}
