using System.Diagnostics;
using System.Text.Json;

namespace TeeIo.Cli.Tests.Trace;

/// <summary><c>teeio flow check</c> as a user runs it.</summary>
public sealed class FlowCheckCommandTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_trace_in_order_conforms_as_far_as_it_shows()
    {
        (int code, string output, string error) = Check(HandMadeTrace.Of(HandMadeTrace.InOrder));
        Assert.Equal(0, code);
        Assert.StartsWith("vendor tdx, profile linux-7.3, TDI 0000:01:00.1\n", output, StringComparison.Ordinal);
        Assert.Contains("· VFIO_DEVICE_BIND_IOMMUFD flags=0x0 iommufd=5 out_devid=0x1 = 0  (line 17, 1.000700 s)\n", output, StringComparison.Ordinal);
        Assert.EndsWith("verdict: conforms as far as the profile goes and the trace shows (rows, order); absent from it: 3, 4, 6, 13–49; not visible: 11, 12, 50\n", output, StringComparison.Ordinal);
        Assert.Equal(
            "teeio: nothing in the trace tells the vendor; tdx is taken, --vendor takes another\n"
            + "teeio: profile linux-7.3, since all calls in the trace are the released kernel's\n"
            + "teeio: not probed: seamcall: this kernel has no function __seamcall (no TDX host)\n",
            error);
    }

    [Theory]
    [InlineData("connect vm add bind slot ioas map attach hwpt run", "row 9 (attach hwpt, line 26, 1.001600 s) must come after row 8 (create hwpt, line 28, 1.001800 s)")]
    [InlineData("connect vm add bind slot ioas hwpt map attach run", "row 8 (create hwpt, line 24, 1.001400 s) must come after row 7 (setup shared DMA, line 26, 1.001600 s)")]
    [InlineData("connect vm add slot bind ioas map hwpt attach run", "row 5 (create memslot, line 17, 1.000700 s) must come after row 2 (init vdev, line 19, 1.000900 s)")]
    [InlineData("connect vm add bind slot ioas map hwpt run attach", "row 10 (kvm run, line 28, 1.001800 s) must come after row 9 (attach hwpt, line 30, 1.002000 s)")]
    [InlineData("connect vm bind slot ioas map hwpt attach run", "row 2 (init vdev) is missing")]
    [InlineData("vm add bind slot ioas map hwpt attach run", "row 1 (Connect(IDE)) is missing: the trace lacks link-ops.connect on the callee's side")]
    [InlineData("connect vm add bind slot ioas map hwpt run", "row 9 (attach hwpt) is missing")]
    public void A_trace_out_of_order_is_told_by_line_and_time(string steps, string violation)
    {
        (int code, string output, _) = Check(HandMadeTrace.Of(steps));
        Assert.Equal(1, code);
        Assert.Contains("violation: " + violation, output, StringComparison.Ordinal);
        Assert.EndsWith("verdict: violates its profile\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run " + HandMadeTrace.InOrder)] // the VM ran before the device was plugged in
    [InlineData("vm slot " + HandMadeTrace.InOrder)] // slots of memory that isn't the device's
    [InlineData(HandMadeTrace.InOrder + " attach hwpt map run")]
    public void What_another_program_does_besides_breaks_no_order(string steps) => Assert.Equal(0, Check(HandMadeTrace.Of(steps)).Code);

    [Fact]
    public void Json_says_which_rows_are_not_visible_and_where_the_others_are()
    {
        (int code, string output, _) = Check(HandMadeTrace.Of(HandMadeTrace.InOrder), "--format", "json");
        Assert.Equal(0, code);
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal("11, 12, 50", document.RootElement.GetProperty("notVisible").GetString());
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(51, rows.Length);
        Assert.Equal("not-visible", rows.First(r => r.GetProperty("row").GetString() == "11").GetProperty("how").GetString());
        Assert.Equal("line 17, 1.000700 s", rows.First(r => r.GetProperty("row").GetString() == "2").GetProperty("place").GetString());
    }

    [Theory]
    [InlineData("tdx-vm", "vendor tdx, since line 11 makes a VM of its kind")]
    [InlineData("snp-command", "vendor sev, since the trace has TIO_STATUS")]
    [InlineData("tsm-bind", "profile seed-2025-05, since no other has VFIO_DEVICE_TSM_BIND")]
    public void Vendor_and_profile_are_found_by_what_only_one_has(string step, string reason) => Assert.Contains($"teeio: {reason}\n", Check(HandMadeTrace.Of(step)).Error, StringComparison.Ordinal);

    [Fact]
    public void Calls_that_several_kernels_have_ask_for_the_profile() => AssertRefused(
        HandMadeTrace.Of("bind") + "             vmm-71      [000] .....     9.000000: teeio_iommufd: (i+0x0/0x9) cmd=0x3b96\n", "say which with --profile (seed-2025-05, arm-v5, next, linux-7.3)");

    [Fact]
    public void A_named_vendor_and_profile_are_taken_as_they_are()
    {
        (_, string output, string error) = Check(HandMadeTrace.Of(HandMadeTrace.InOrder), "--vendor", "sev", "--profile", "seed-2025-05");
        Assert.StartsWith("vendor sev, profile seed-2025-05, TDI", output, StringComparison.Ordinal);
        Assert.DoesNotContain("since", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Lost_events_are_told_beside_the_chart()
    {
        string text = HandMadeTrace.Of(HandMadeTrace.InOrder).Replace("# tracer: nop", "CPU:0 [LOST 12 EVENTS]", StringComparison.Ordinal);
        Assert.Contains("teeio: line 10: 12 events were lost; rows may be missing for that reason\n", Check(text).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_must_always_hold_is_looked_at_as_well()
    {
        string trace = HandMadeTrace.Of("bind core-bind reset");
        Assert.Contains(
            "violation: invariant 8 (reset, sleep and removal only while unbound): VFIO_DEVICE_RESET at", Check(trace, "--profile", "linux-7.3").Output, StringComparison.Ordinal);
        Assert.Contains("hit function 0x101 while it was bound (line 17, 1.000700 s)\n", Check(trace, "--profile", "linux-7.3").Output, StringComparison.Ordinal);
        AssertRefused(trace, "say which with --profile");
    }

    [Fact]
    public void A_trace_without_the_recorder_s_events_says_what_to_do() =>
        AssertRefused("            bash-12      [000] .....     1.000000: sched_switch: prev_comm=bash\n", "holds no event of the recorder (1 of others). Record as root with: sh ");

    [Fact]
    public void A_trace_without_a_known_call_says_what_to_do() =>
        AssertRefused("             vmm-71      [000] .....     1.000000: teeio_vfio: (v+0x0/0x9) cmd=0x1\n", "holds no call that tdx on linux-7.3 knows");

    [Fact]
    public void A_line_that_is_none_is_named() => AssertRefused(HandMadeTrace.Of("bind") + "  0)   1.5 us  | foo();\n", "line 14: this is no line of an event");

    [Fact]
    public void Unknown_vendors_profiles_and_files_are_refused()
    {
        string text = HandMadeTrace.Of(HandMadeTrace.InOrder);
        AssertRefused(text, "there is no vendor 'arm'; known: tdx, sev", "--vendor", "arm");
        AssertRefused(text, "there is no profile 'linux-9.9'; known: seed-2025-05, arm-v5, next, linux-7.3", "--profile", "linux-9.9");
        (int code, _, string error) = Run("flow", "check", "--trace", _file + ".none");
        Assert.Equal(2, code);
        Assert.Contains("can't be read", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Out_writes_what_standard_output_would_show()
    {
        string text = HandMadeTrace.Of(HandMadeTrace.InOrder), output = _file + ".out";
        try
        {
            Assert.Equal(0, Check(text, "--out", output).Code);
            Assert.Equal(Check(text).Output, File.ReadAllText(output));
        }
        finally
        {
            File.Delete(output);
        }
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    [InlineData("busybox", "sh")]
    public void The_recorder_is_a_script_that_every_shell_reads(string shell, params string[] applet)
    {
        if (!File.Exists("/bin/" + shell)) return;
        string script = Path.Combine(AppContext.BaseDirectory, "Trace", "record.sh");
        Assert.Equal((0, string.Empty, string.Empty), Start(shell, [.. applet, "-n", script]));
        (int code, string output, string error) = Start(shell, [.. applet, script]);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains("record.sh -o FILE -- COMMAND", error, StringComparison.Ordinal);
    }

    private void AssertRefused(string trace, string reason, params string[] arguments)
    {
        (int code, string output, string error) = Check(trace, arguments);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private (int Code, string Output, string Error) Check(string trace, params string[] arguments)
    {
        File.WriteAllText(_file, trace);
        return Run(["flow", "check", "--trace", _file, .. arguments]);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments) => Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "teeio.dll"), .. arguments]);

    private static (int Code, string Output, string Error) Start(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
