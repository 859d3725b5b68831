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
    public void Both_kernels_answer_alike_but_for_what_the_platform_s_README_lists(string name)
    {
        Transcript platform = ConformanceRun.OnPlatform(name);
        Transcript real = run.Real(name);
        string[] found = [.. Difference.Between(platform, real).Select(d => d.Row)];
        string[] listed = [.. ListedDifferences.Rows.Where(r => r.StartsWith($"| {name} |", StringComparison.Ordinal))];
        string unlisted = string.Join("\n", found.Except(listed));
        string gone = string.Join("\n", listed.Except(found));
        string lines = string.Join("\n", real.Lines.Zip(platform.Lines).Where(p => p.First != p.Second).Select(p => $"Linux    {p.First}\nplatform {p.Second}"));
        Assert.True(unlisted.Length + gone.Length == 0, $"not in sdk/TeeIo.Platform/README.md:\n{unlisted}\nthere, but not so:\n{gone}\n{lines}");
    }

    [Fact]
    public void Each_listed_difference_is_of_a_script_and_has_a_reason() =>
        Assert.All(ListedDifferences.Rows, row => Assert.Contains(Suite.All, s => row.StartsWith($"| {s.Name} |", StringComparison.Ordinal)));
}
