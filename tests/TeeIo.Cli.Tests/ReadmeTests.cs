using System.Reflection;
using TeeIo.Flow;
using TeeIo.Platform.Scenarios;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests;

public sealed class ReadmeTests
{
    private const string Begin = "<!-- chart: kept true by ReadmeTests -->\n```text\n";
    private const string End = "```\n<!-- /chart -->";

    [Fact]
    public void The_chart_in_the_README_is_that_of_a_real_run()
    {
        string path = Path.Combine(Root, "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Begin.Length && end > start, "README.md has lost the marks around its chart.");
        using var chart = new StringWriter { NewLine = "\n" };
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => new TdxPlatform(machine), Profile = "seed-2025-05" });
        TextChart.Write(chart, outcome.Report, colour: false);
        if (readme[start..end] == chart.ToString()) return;
        if (Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..start] + chart + readme[end..]);
            return;
        }

        Assert.Fail("README.md's chart isn't that of a run any more. Review the change and accept it with TEEIO_ACCEPT=1 dotnet test tests/TeeIo.Cli.Tests.");
    }

    private static string Root => typeof(ReadmeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
}
