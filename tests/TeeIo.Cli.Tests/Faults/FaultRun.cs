using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>Runs all faults of one call.</summary>
internal static class FaultRun
{
    private const int Shown = 12;

    public static void Check(string vendor, string call)
    {
        int cases = 0;
        List<string> failures = [];
        foreach ((CrossingFault fault, string error) in FaultMatrix.Of(vendor).Faults(call))
        {
            cases++;
            IReadOnlyList<string> problems = FaultMatrix.Of(vendor).Try(fault);
            if (problems.Count > 0) failures.Add($"{error}: {fault}: {string.Join(" | ", problems)}");
        }

        if (Environment.GetEnvironmentVariable("TEEIO_FAULTS_LOG") is { Length: > 0 } log)
            File.AppendAllLines($"{log}.{vendor}", [$"# {vendor} {call} {cases} {failures.Count}", .. failures.Select(f => $"{vendor} {f}")]);
        Assert.True(failures.Count == 0, $"{vendor}, seed {FaultMatrix.Seed}: {failures.Count} of {cases} faults in {call} leave something behind:\n{string.Join("\n", failures.Take(Shown))}");
    }
}
