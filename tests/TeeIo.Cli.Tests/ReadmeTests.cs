using System.Reflection;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;
using TeeIo.Platform;
using TeeIo.Platform.Kernel;
using TeeIo.Platform.Scenarios;
using TeeIo.Scheduling;
using TeeIo.Sev.Firmware;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli.Tests;

public sealed class ReadmeTests
{
    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void The_chart_in_the_README_is_that_of_a_real_run(string vendor)
    {
        string begin = $"<!-- chart {vendor}: kept true by ReadmeTests -->\n```text\n";
        string path = Path.Combine(Root, "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = readme.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        int end = readme.IndexOf("```\n<!-- /chart -->", start, StringComparison.Ordinal);
        Assert.True(start >= begin.Length && end >= start, "README.md has lost the marks around its charts.");
        using var chart = new StringWriter { NewLine = "\n" };
        FlowOutcome outcome = FlowScenario.Run(new FlowScenarioOptions { Vendor = machine => vendor == "tdx" ? new TdxPlatform(machine) : new SevPlatform(machine), Profile = "seed-2025-05" });
        TextChart.Write(chart, outcome.Report, colour: false);
        if (readme[start..end] == chart.ToString()) return;
        if (Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..start] + chart + readme[end..]);
            return;
        }

        Assert.Fail("README.md's chart isn't that of a run any more. Review the change and accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Cli.Tests.");
    }

    [Fact]
    public void The_sample_in_the_README_runs_and_is_this_one()
    {
        var scheduler = new DeterministicScheduler(1);
        var hub = new CrossingHub([]);
        using var machine = new SoftwareMachine(new SoftwareMachineOptions(), scheduler, new LockOrder(scheduler), hub, m => new TdxPlatform(m));
        SoftwareProcess transport = machine.Kernel.CreateProcess("sample");

        // The lines between the marks stand in the README, comments aside.
        // <sample>
        Fd fd = new((int)transport.Open("/dev/iommu").Value);
        var iommufd = new IommufdClient(transport, fd);
        IoasId ioas = iommufd.IoasAlloc();
        using UserMemory memory = transport.Allocate(1 << 20);
        ulong iova = 0;
        iommufd.IoasMap(IoasMapFlags.Readable | IoasMapFlags.Writeable, ioas, memory, 0, memory.Length, ref iova);
        SysResult gone = iommufd.TryDestroy(ioas);
        // </sample>
        Assert.True(gone.IsOk);
        string source = File.ReadAllText(Path.Combine(Root, "tests", "TeeIo.Cli.Tests", "ReadmeTests.cs")).ReplaceLineEndings("\n");
        string[] lines = source.Split("// <sample>\n")[1].Split("// </sample>")[0].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.Equal(7, lines.Length);
        Assert.All(lines, line => Assert.Contains(line, readme, StringComparison.Ordinal));
    }

    private static string Root => typeof(ReadmeTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
}
