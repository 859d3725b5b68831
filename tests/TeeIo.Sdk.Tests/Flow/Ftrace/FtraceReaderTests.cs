using TeeIo.Flow.Ftrace;

namespace TeeIo.Sdk.Tests.Flow.Ftrace;

public sealed class FtraceReaderTests
{
    private const string Vfio = "teeio_vfio: (vfio_device_fops_unl_ioctl+0x0/0x2a0) cmd=0x3b76 arg=0x7ffd00001000";

    [Theory]
    [InlineData("             vmm-71      [003] .....    12.345678: ", "vmm", 71)]
    [InlineData("           <...>-71      [000] d..2.    12.345678: ", "<...>", 71)]
    [InlineData("           <idle>-0      [000] d.h1.    12.345678: ", "<idle>", 0)]
    [InlineData("     a b: c [d]-71      [000] .....    12.345678: ", "a b: c [d]", 71)]
    [InlineData("       kworker/0:1-14      [000] .....    12.345678: ", "kworker/0:1", 14)]
    [InlineData("      qemu-system-x8-2211    [012] ....     12.345678: ", "qemu-system-x8", 2211)]
    [InlineData("             vmm-71      (     70) [003] .....    12.345678: ", "vmm", 71)]
    [InlineData("             vmm-71      (-------) [003] .....    12.345678: ", "vmm", 71)]
    [InlineData("             vmm-71    [003]    12.345678: ", "vmm", 71)] // trace-cmd report
    [InlineData("x-1 [000] 1: a:-71      [000] .....    12.345678: ", "x-1 [000] 1: a:", 71)] // a task that calls itself like an event
    public void A_line_says_which_task_was_where_and_when(string before, string task, int pid)
    {
        FtraceEvent e = Assert.Single(Read(before + Vfio).Events);
        Assert.Equal((task, pid, 12.345678m, "vfio"), (e.Task, e.Pid, e.Time, e.Name));
        Assert.True(e.TryGetNumber("cmd", out ulong cmd));
        Assert.Equal(0x3b76ul, cmd);
    }

    [Fact]
    public void Fields_are_numbers_of_any_sign_and_base_or_text()
    {
        FtraceEvent e = Assert.Single(Read(Line("teeio_x_ret: (a+0x1/0x2 <- b) ret=-22 w0=0xffffffffffffffff w1=(fault) name=\"0000:00:02.0\" n=18446744073709551615 empty=\"\"")).Events);
        Assert.Equal(["ret", "w0", "w1", "name", "n", "empty"], e.Fields.Select(f => f.Key));
        Assert.Equal(unchecked((ulong)-22L), Number(e, "ret"));
        Assert.Equal(ulong.MaxValue, Number(e, "w0"));
        Assert.Equal(ulong.MaxValue, Number(e, "n"));
        Assert.False(e.TryGetNumber("w1", out _));
        Assert.Equal(("0000:00:02.0", string.Empty), (e.Text("name"), e.Text("empty")));
    }

    [Fact]
    public void Addresses_and_groups_of_events_may_stand_where_trace_cmd_prints_them()
    {
        FtraceRecording recording = Read(Line("teeio_vfio:           (ffffffff817f9b20) cmd=0x3b76"), Line("teeio:teeio_vfio_ret: (ffffffff8130 <- ffffffff817f9b20) ret=0"));
        Assert.Equal(["vfio", "vfio_ret"], recording.Events.Select(e => e.Name));
    }

    [Fact]
    public void Events_of_others_comments_and_what_trace_cmd_says_are_passed_over()
    {
        FtraceRecording recording = Read(
            "cpus=2", "version = 6", "CPU 1 is empty", "# tracer: nop", "#", "", Line("sched_switch: prev_comm=a b prev_pid=1 ==> next_comm=c next_pid=2"), Line("printk: anything at all"), "##### CPU 1 buffer started ####",
            " => do_syscall_64", Line(Vfio));
        Assert.Equal((1, 2), (recording.Events.Length, recording.Others));
        Assert.Equal(11, recording.Events[0].Line);
    }

    [Theory]
    [InlineData("CPU:0 [LOST 123 EVENTS]", "line 1: 123 events were lost")]
    [InlineData("CPU:3 [EVENTS DROPPED]", "line 1: some events were lost")]
    [InlineData("CPU:3 [7 EVENTS DROPPED]", "line 1: 7 events were lost")]
    [InlineData("# entries-in-buffer/entries-written: 100/164   #P:1", "line 1: 64 events were lost")]
    public void Lost_events_are_told(string line, string loss) => Assert.StartsWith(loss, Assert.Single(Read(line).Losses), StringComparison.Ordinal);

    [Fact]
    public void A_buffer_that_held_everything_lost_nothing() => Assert.Empty(Read("# entries-in-buffer/entries-written: 100/100   #P:1").Losses);

    [Fact]
    public void What_the_recorder_probed_and_what_not_is_known()
    {
        FtraceRecording recording = Read("# teeio: kernel 7.3.4, x86_64", "# teeio: probed teeio_vfio (vfio_device_fops_unl_ioctl)", "# teeio: not probed teeio_firmware: this kernel has none");
        Assert.Equal(["vfio"], recording.Probes!);
        Assert.Equal(["firmware: this kernel has none"], recording.Unset);
        Assert.Null(Read(Line(Vfio)).Probes);
    }

    [Theory]
    [InlineData("  1)   0.123 us    |  do_syscall_64();", "tracer nop")]
    [InlineData("hello", "no line of an event")]
    [InlineData("             vmm-71      [000] .....    12.345678 teeio_vfio", "no line of an event")]
    [InlineData("             vmm-99999999999      [000] .....    12.345678: teeio_vfio: (a+0x0/0x1)", "no line of an event")]
    [InlineData("             vmm-4294967296      [000] .....    12.345678: teeio_vfio: (a+0x0/0x1)", "no number that a kernel gives")]
    [InlineData("             vmm-71      [000] .....    12.345678: teeio_vfio: cmd=0x1", "where its probe stands")]
    [InlineData("             vmm-71      [000] .....    12.345678: teeio_vfio:", "where its probe stands")]
    [InlineData("             vmm-71      [000] .....    12.345678: teeio_vfio: (a+0x0/0x1) cmd=0x1 ar", "'ar' where name=value should stand")]
    [InlineData("             vmm-71      [000] .....    12.345678: teeio_vfio: (a+0x0/0x1) name=\"open", "where name=value should stand")]
    [InlineData("\0\0\0trace.dat", "trace-cmd report")]
    public void A_line_that_is_none_is_refused_by_its_number(string line, string reason)
    {
        FtraceFormatException e = Assert.Throws<FtraceFormatException>(() => Read("# tracer: nop", line));
        Assert.Equal(2, e.Line);
        Assert.StartsWith("line 2: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_without_an_end_is_refused_before_it_fills_the_memory()
    {
        using var endless = new EndlessLine();
        Assert.Contains("more than", Assert.Throws<FtraceFormatException>(() => FtraceReader.Read(endless)).Message, StringComparison.Ordinal);
        Assert.True(endless.Taken < 100_000);
    }

    [Fact]
    public void Time_does_not_go_back()
    {
        FtraceFormatException e = Assert.Throws<FtraceFormatException>(() => Read(Line(Vfio, "12.000002"), Line(Vfio, "12.000001")));
        Assert.Equal(2, e.Line);
        Assert.Contains("earlier", e.Message, StringComparison.Ordinal);
    }

    internal static string Line(string rest, string time = "12.345678", int pid = 71) => $"             vmm-{pid}      [000] .....    {time}: {rest}";

    private static FtraceRecording Read(params string[] lines) => FtraceReader.Read(new StringReader(string.Join('\n', lines)));

    private static ulong Number(FtraceEvent e, string field) => e.TryGetNumber(field, out ulong value) ? value : throw new InvalidOperationException(field);

    private sealed class EndlessLine : TextReader
    {
        public int Taken { get; private set; }

        public override int Read()
        {
            Taken++;
            return 'x';
        }
    }
}
