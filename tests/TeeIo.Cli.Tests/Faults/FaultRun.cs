namespace TeeIo.Cli.Tests.Faults;

/// <summary>Runs faults and reports what they leave behind.</summary>
internal static class FaultRun
{
    private const int Shown = 12;
    private static readonly Lock s_log = new();

    /// <summary>All faults of one call.</summary>
    public static void Check(string vendor, string profile, string call)
    {
        FaultMatrix matrix = FaultMatrix.Of(vendor, profile);
        Check(vendor, profile, call, matrix, matrix.Faults(call));
    }

    /// <summary>Faults of one call, and for each one that follows while it unwinds: of the first and the last occurrence in the matrix, each with another error, and one in the sample.</summary>
    /// <param name="vendor">The vendor.</param>
    /// <param name="profile">The kernel ABI.</param>
    /// <param name="call">The call that fails first.</param>
    public static void CheckSecond(string vendor, string profile, string call)
    {
        FaultMatrix matrix = FaultMatrix.Of(vendor, profile);
        IEnumerable<FaultCase> firsts = matrix.All(call);
        if (!FaultExtent.IsExhaustive)
        {
            firsts = firsts.Where(f => !f.Faults[0].IsPersistent)
                .GroupBy(f => (f.Faults[0].Side, f.Faults[0].Nth)).Select(g => g.ElementAt(FaultMatrix.Turn(call) % g.Count()));
        }

        IEnumerable<FaultCase> seconds = firsts.SelectMany(matrix.SecondFaults);
        if (!FaultExtent.IsMatrix)
        {
            FaultCase[] few = [.. seconds.Take(4)];
            seconds = few.Length == 0 ? few : [few[FaultMatrix.Turn(call) % few.Length]];
        }

        Check(vendor, profile, call + ", then", matrix, seconds);
    }

    private static void Check(string vendor, string profile, string what, FaultMatrix matrix, IEnumerable<FaultCase> faults)
    {
        int cases = 0;
        List<string> failures = [];
        foreach (FaultCase fault in faults)
        {
            cases++;
            IReadOnlyList<string> problems = matrix.Try(fault);
            if (problems.Count > 0) failures.Add($"{fault}: {string.Join(" | ", problems)}");
        }

        if (FaultExtent.Log is { } log)
        {
            lock (s_log) File.AppendAllLines($"{log}.{vendor}.{profile}", [$"# {cases} {failures.Count} {what}", .. failures]);
        }

        Assert.True(
            failures.Count == 0,
            $"{vendor}, {profile}, seed {FaultMatrix.Seed}: {failures.Count} of {cases} faults in {what} leave something behind:\n{string.Join("\n", failures.Take(Shown))}");
    }
}
