namespace TeeIo.Kernel.Tests;

/// <summary>The recorder on the real kernel, and what <c>teeio flow check</c> makes of its traces. TEEIO_RECORD=FOLDER keeps them.</summary>
public sealed class TraceTests
{
    private const string Record = "TEEIO_RECORD";

    [Theory]
    [InlineData("the VM runs", "rig-in-order", "")]
    [InlineData("before it makes the page table", "rig-attached-early", "row 9 (attach hwpt, ")]
    public void A_trace_of_a_VMM_is_held_against_the_flow(string name, string file, string violation)
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        string program = Rig.Guest;
        (string trace, string output) = RecordIn(file, program, name);
        Assert.Contains(name, output, StringComparison.Ordinal);
        (int code, string chart) = Rig.Teeio("flow", "check", "--trace", trace);

        // No TSM is registered in the rig: nobody connects the device.
        Assert.Equal(1, code);
        string[] violations = [.. chart.Split('\n').Where(l => l.StartsWith("violation: ", StringComparison.Ordinal)).Select(l => l["violation: ".Length..])];
        Assert.StartsWith("row 1 (Connect(IDE)) is missing", violations[0], StringComparison.Ordinal);
        Assert.Equal(violation.Length == 0 ? 1 : 2, violations.Length);
        if (violation.Length > 0) Assert.StartsWith(violation, violations[1], StringComparison.Ordinal);
        Assert.Contains("TDI 0000:00:0", chart, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable(Record) is { Length: > 0 } folder) File.Copy(trace, Path.Combine(folder, file + ".txt"), overwrite: true);
    }

    [Fact]
    public void The_recorder_leaves_nothing_behind_however_it_ends()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        string script = Path.Combine(Rig.Root, "sdk", "TeeIo.Cli", "Trace", "record.sh");
        const string Left = "cat /sys/kernel/tracing/kprobe_events; ls /sys/kernel/tracing/instances; ls /tmp /run";
        string body =
            $"""
            ls /tmp /run > /tmp/before; mkdir -p /tmp/before; cd /tmp
            R={script}
            busybox sh $R -o /tmp/a -- sh -c 'exit 7'; echo ended=$?
            busybox sh $R -o /tmp/b -- no-such-command; echo unknown=$?
            busybox sh $R -o /tmp/c -- sh -c 'kill -TERM $PPID; sleep 1'; echo killed=$?
            busybox sh $R start; busybox sh $R start; echo twice=$?; busybox sh $R -o /tmp/d -- true; echo also=$?; busybox sh $R stop /tmp/e; echo stopped=$?; busybox sh $R stop; echo again=$?
            grep -c '^# teeio: probed' /tmp/a /tmp/c /tmp/e
            rm -f /tmp/a /tmp/b /tmp/c /tmp/e
            echo LEFT; {Left}
            """;
        (_, string output) = Rig.Run(["--timeout", "60"], "busybox", "sh", "-c", body);
        foreach (string said in (string[])["ended=7", "unknown=127", "killed=143", "twice=2", "also=2", "stopped=0", "again=2"]) Assert.Contains(said, output, StringComparison.Ordinal);
        string left = output[output.IndexOf("LEFT", StringComparison.Ordinal)..];
        Assert.DoesNotContain("teeio", left, StringComparison.Ordinal);
        Assert.DoesNotContain("notes", left, StringComparison.Ordinal);
    }

    private static (string Trace, string Output) RecordIn(string file, string program, string argument)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Rig.Root, "obj", "rig", "traces")).FullName;
        string trace = Path.Combine(folder, file + ".txt");
        string script = Path.Combine(Rig.Root, "sdk", "TeeIo.Cli", "Trace", "record.sh");
        (int code, string output) = Rig.Run(["--timeout", "120", "--share", folder], "busybox", "sh", script, "-o", trace, "--", program, argument);
        Assert.True(code == 0, output);
        return (trace, output);
    }
}
