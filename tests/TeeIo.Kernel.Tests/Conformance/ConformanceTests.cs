using TeeIo.Kernel.Guest.Conformance;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>The software kernel answers like the real one: a row for each script of the suite.</summary>
public sealed class ConformanceTests(ConformanceRun run) : IClassFixture<ConformanceRun>
{
    /// <summary>The names of all scripts; where there is no rig, one row that says how to get it.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names =>
        Rig.Lack is { } lack ? [new TheoryDataRow<string>("the real kernel") { Skip = lack }] : Suite.All.Select(s => new TheoryDataRow<string>(s.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Both_kernels_answer_alike(string name)
    {
        Transcript real = run.Real(name);
        Transcript platform = ConformanceRun.OnPlatform(name);
        string differences = string.Join("\n", real.Lines.Zip(platform.Lines).Where(p => p.First != p.Second).Select(p => $"Linux    {p.First}\nplatform {p.Second}"));
        Assert.True(differences.Length == 0 && real.Lines.Count == platform.Lines.Count, differences);
    }
}
