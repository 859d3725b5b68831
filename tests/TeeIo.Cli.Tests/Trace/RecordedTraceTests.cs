using System.Reflection;
using System.Text.RegularExpressions;
using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Sev.Flow;
using TeeIo.Tdx.Flow;

namespace TeeIo.Cli.Tests.Trace;

/// <summary>Traces that the recorder took on the rig's Linux 7.3 (TEEIO_RECORD=FOLDER and TraceTests of TeeIo.Kernel.Tests take them anew). No TSM is registered there: nobody connects the device.</summary>
public sealed partial class RecordedTraceTests
{
    private const string Unconnected = "row 1 (Connect(IDE)) is missing: the trace lacks link-ops.connect on the callee's side";
    private static readonly string s_folder = Path.Combine(
        typeof(RecordedTraceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!, "tests", "TeeIo.Cli.Tests", "Trace", "Recorded");

    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(s_folder, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f))];

    [Theory]
    [InlineData("rig-in-order", "tdx", "iommufd=4 out_devid=0x1")]
    [InlineData("rig-in-order", "sev", "iommufd=4 out_devid=0x1")]
    [InlineData("rig-teeio-flow", "tdx", "iommufd=56 out_devid=0x2")] // teeio flow --kernel linux --vendor tdx
    public void A_VMM_s_order_is_the_flow_s(string name, string vendor, string bound)
    {
        FlowReport report = Check(Read(name), vendor);
        Assert.Equal([Unconnected], report.Violations);
        Assert.Equal(["2", "5", "7", "8", "9", "10"], report.Rows.Where(r => r.Crossing is not null).Select(r => r.Row.Row));
        Assert.Equal("11, 12, 50", report.NotVisible);
        Assert.Equal("0000:00:01.0", report.Subject);
        Assert.Equal($"VFIO_DEVICE_BIND_IOMMUFD flags=0x0 {bound} = 0", TraceText.Describe(report.Rows[1].Crossing!));
    }

    [Fact]
    public void A_device_that_is_attached_before_its_page_table_is_made_breaks_the_order()
    {
        FlowReport report = Check(Read("rig-attached-early"), "tdx");
        Assert.Equal(2, report.Violations.Length);
        Assert.Matches(@"^row 9 \(attach hwpt, line \d+, \d+\.\d{6} s\) must come after row 8 \(create hwpt, line \d+, \d+\.\d{6} s\)$", report.Violations[1]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void All_that_a_trace_of_the_rig_holds_is_understood(string name)
    {
        FtraceRecording recording = FtraceReader.Read(new StringReader(Read(name)));
        Assert.Equal((0, 0), (recording.Others, recording.Losses.Length));
        Assert.Equal(["seamcall", "sev"], recording.Unset.Select(u => u.Split(':')[0]));
        KernelTrace trace = KernelTrace.Of(recording, KernelCalls.Released, TdxTrace.Vendor);
        Assert.Empty(trace.Remarks);
        Assert.All(trace.Crossings, c => Assert.True(c.ClosedAt > c.Sequence));
    }

    /// <summary>trace-cmd has no flags, and addresses instead of names.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_trace_in_trace_cmd_s_words_gives_the_same_chart(string name)
    {
        string text = Read(name);
        string report = "cpus=1\n" + Symbols().Replace(Flags().Replace(text, "] "), "(ffffffff81508460)");
        Assert.NotEqual(text, report);
        Assert.Equal(Chart(Check(text, "tdx")), Chart(Check(report, "tdx"), lines: 1));
    }

    /// <summary>Every event that is gone, alone, is missed by a row or told.</summary>
    [Fact]
    public void No_single_line_can_vanish_from_a_row_unnoticed()
    {
        List<string> lines = [.. Read("rig-in-order").Split('\n')];
        FlowReport whole = Check(string.Join('\n', lines), "tdx");
        foreach (RowReport row in whole.Rows.Where(r => r.Crossing is not null))
        {
            int line = int.Parse(PlaceLine().Match(row.Place).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            List<string> without = [.. lines.Where((_, i) => i != line - 1)];
            KernelTrace trace = KernelTrace.Of(FtraceReader.Read(new StringReader(string.Join('\n', without))), KernelCalls.Released, TdxTrace.Vendor);
            Assert.Contains(trace.Remarks, r => r.Contains("no beginning", StringComparison.Ordinal));
        }
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(s_folder, name + ".txt"));

    private static FlowReport Check(string text, string vendor)
    {
        TraceVendor known = vendor == "tdx" ? TdxTrace.Vendor : SevTrace.Vendor;
        KernelTrace trace = KernelTrace.Of(FtraceReader.Read(new StringReader(text)), KernelCalls.Released, known);
        return new FlowChecker(known.Flows.First(f => f.Profile == KernelCalls.Released), known.Invariants, trace).Check(vendor, trace.Crossings, Assert.Single(trace.Subjects));
    }

    private static string Chart(FlowReport report, int lines = 0)
    {
        using var chart = new StringWriter();
        TextChart.Write(chart, report, colour: false);
        return PlaceLine().Replace(chart.ToString(), m => $"line {int.Parse(m.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) - lines}");
    }

    [GeneratedRegex(@"\] [^\s:]{5} ")]
    private static partial Regex Flags();

    [GeneratedRegex(@"\(\w+\+0x\w+/0x\w+\)")]
    private static partial Regex Symbols();

    [GeneratedRegex(@"line (\d+)")]
    private static partial Regex PlaceLine();
}
