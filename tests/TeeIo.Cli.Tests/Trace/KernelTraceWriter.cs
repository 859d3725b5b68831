using System.Buffers.Binary;
using System.Globalization;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Trace;

/// <summary>Writes a run of the software platform as the recorder's probes would have seen it in a host's kernel: ioctls, the TSM core's entries, and the firmware calls that have a number. What guest
/// and device do among themselves no such trace has.</summary>
internal sealed class KernelTraceWriter
{
    private const int Words = 6;
    private readonly List<string> _lines = [];
    private readonly List<string> _tasks = [];

    /// <summary>The trace as text.</summary>
    public static string Write(IReadOnlyList<Crossing> trace, TraceVendor vendor)
    {
        var writer = new KernelTraceWriter();
        string[] probes = ["iommufd", "vfio", "kvm", "kvm_vm", "kvm_vcpu", "kvm_device", "tsm_connect", "tsm_disconnect", "tsm_bind", "tsm_unbind", "tsm_guest_req", .. vendor.Probes.Select(p => p.Event)];
        writer._lines.AddRange(probes.Select(p => $"# teeio: probed {FtraceReader.Prefix}{p} (software)"));
        writer._lines.Add("# tracer: nop");
        IEnumerable<(int At, Crossing Crossing)> opened = trace.Select(c => (c.Sequence, c)), closed = trace.Where(c => c.ClosedAt >= 0).Select(c => (c.ClosedAt, c));
        foreach ((int at, Crossing crossing) in opened.Concat(closed).OrderBy(e => e.At)) writer.Event(at, crossing, vendor);
        return string.Join('\n', writer._lines) + "\n";
    }

    private static string? ProbeOf(Crossing crossing, TraceVendor vendor)
    {
        CallInfo call = crossing.Call;
        if (crossing.Side == CrossingSide.Client) return call.Number is null ? null : vendor.Probes.FirstOrDefault(p => p.Calls.Contains(call))?.Event;
        if (call == HostTsmCalls.Connect) return "tsm_connect";
        if (call == HostTsmCalls.Disconnect) return "tsm_disconnect";
        if (call == TsmCoreCalls.TsmBind) return "tsm_bind";
        if (call == TsmCoreCalls.TsmUnbind) return "tsm_unbind";
        if (call == TsmCoreCalls.TsmGuestReq) return "tsm_guest_req";
        if (call.Client != "vmm" || call.Number is null) return null;
        if (call.Server != "kvm") return call.Server is "iommufd" or "vfio" ? call.Server : null;
        return call == KvmCalls.CreateVm ? "kvm" : call == KvmCalls.Run ? "kvm_vcpu" : call.Selectors.IsEmpty ? "kvm_vm" : "kvm_device";
    }

    private void Event(int at, Crossing crossing, TraceVendor vendor)
    {
        if (ProbeOf(crossing, vendor) is not { } probe) return;
        bool isBegin = at == crossing.Sequence;
        Line(at, crossing, isBegin ? $"{probe}: ({probe}+0x0/0x100)" : $"{probe}_ret: (caller+0x1/0x100 <- {probe})", isBegin ? Begin(crossing, vendor) : End(crossing));
        if (isBegin && crossing.Call == VfioCalls.BindIommufd) Line(at, crossing, "device_bind: (iommufd_device_bind+0x0/0x100)", $" device=\"0000:01:00.{FileOf(crossing)}\" context=0xffff888000001000");
    }

    private void Line(int at, Crossing crossing, string what, string fields)
    {
        if (!_tasks.Contains(crossing.Task)) _tasks.Add(crossing.Task);
        int pid = 1000 + _tasks.IndexOf(crossing.Task);
        decimal time = 1 + (at / 1_000_000m);
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{crossing.Task[..Math.Min(crossing.Task.Length, 15)],16}-{pid,-7} [000] ..... {time,12:F6}: {FtraceReader.Prefix}{what}{fields}"));
    }

    private static string Begin(Crossing crossing, TraceVendor vendor)
    {
        CallInfo call = crossing.Call;
        if (crossing.Side == CrossingSide.Client) return $" {vendor.Probes[0].Selector}=0x{call.Number:x}" + Operands(call, crossing.Input.Span);
        if (call == HostTsmCalls.Connect || call == HostTsmCalls.Disconnect) return " device=\"0000:01:00.0\"";
        if (call.Abi == TsmCoreCalls.TsmBind.Abi) return Core(crossing);
        return $" cmd=0x{call.Number:x} arg=0x{Scalar(crossing):x} file=0x{FileOf(crossing):x}" + Record(crossing, crossing.Input.Span);
    }

    private static string End(Crossing crossing)
    {
        CallInfo call = crossing.Call;
        string ret = call.Outcome == OutcomeKind.Status ? $" ret=0x{crossing.Outcome:x}" : string.Create(CultureInfo.InvariantCulture, $" ret={crossing.Outcome}");
        if (call.Outcome == OutcomeKind.Code) return $" ret={(crossing.Outcome == 0 ? 0 : -5)} error=0x{crossing.Outcome:x}" + Operands(call, crossing.Output.Span);
        if (crossing.Side == CrossingSide.Client) return ret + Operands(call, crossing.Output.Span);
        if (call == HostTsmCalls.Connect || call == HostTsmCalls.Disconnect) return crossing.Outcome == 0 ? " ret=5 written=1" : ret;
        if (call == TsmCoreCalls.TsmUnbind) return " done=1";
        return call.Abi == TsmCoreCalls.TsmBind.Abi ? ret : ret + Record(crossing, crossing.Output.Span);
    }

    private static string Core(Crossing crossing)
    {
        Assert.True(CrossingArguments.TryRead(crossing, "function", out ulong function));
        IEnumerable<string> more = crossing.Call.Arguments.Where(a => a.Name is "vm" or "tdi_id" or "selector" or "request")
            .Select(a => CrossingArguments.TryRead(crossing, a, out ulong value) ? $" {a.Name}=0x{value:x}" : string.Empty);
        return $" dev=0xffff888000{function:x} device=\"0000:{function >> 8:x2}:{(function >> 3) & 31:x2}.{function & 7}\"" + string.Concat(more);
    }

    private static string Operands(CallInfo call, ReadOnlySpan<byte> bytes)
    {
        if (call.Outcome != OutcomeKind.Status) return WordsOf(bytes);
        string text = string.Empty;
        foreach (Register register in Enum.GetValues<Register>())
        {
            int at = (int)register * sizeof(ulong);
            if (register is not (Register.Rax or Register.Rsp or Register.Rbp) && bytes.Length >= at + sizeof(ulong)) text += $" {register.ToString().ToLowerInvariant()}=0x{BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]):x}";
        }

        return text;
    }

    private static string Record(Crossing crossing, ReadOnlySpan<byte> bytes)
    {
        byte[] record = new byte[Math.Max(Words * sizeof(ulong), bytes.Length)];

        // Of a call whose own argument another record points to, the trace has that record.
        if (crossing.Call.Server != "kvm" || crossing.Call.Selectors.IsEmpty) bytes.CopyTo(record);
        foreach (CallSelector selector in crossing.Call.Selectors)
        {
            for (int i = 0; i < selector.Size; i++) record[selector.Offset + i] = (byte)(selector.Value >> (8 * i));
        }

        return WordsOf(record);
    }

    private static string WordsOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> words = stackalloc byte[Words * sizeof(ulong)];
        words.Clear();
        bytes[..Math.Min(bytes.Length, words.Length)].CopyTo(words);
        string text = string.Empty;
        for (int i = 0; i < Words; i++) text += $" w{i}=0x{BinaryPrimitives.ReadUInt64LittleEndian(words[(i * sizeof(ulong))..]):x}";
        return text;
    }

    private static ulong Scalar(Crossing crossing) => crossing.Input.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(crossing.Input.Span) : 0;

    /// <summary>A file for each VM's device, numbered as the device's function is.</summary>
    private static int FileOf(Crossing crossing) => crossing.Subject is ['v', 'm', char vm, ..] ? vm - '0' + 1 : 0;
}
