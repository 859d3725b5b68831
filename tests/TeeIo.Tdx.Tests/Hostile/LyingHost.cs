using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Hostile;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Tests.Hostile;

/// <summary>A guest's CPU above a module that tells the truth and a host that lies at one command, which the mutation chooses.</summary>
internal sealed class LyingHost : GuestMachine
{
    public const int Commands = 9;
    private const ulong SharedBit = 1UL << 47;

    // One guest at a time: a fresh memory for each would cost more than all the rest.
    private static readonly byte[] _memory = new byte[1 << 17];
    private readonly Stack<ulong> _free = [];
    private readonly List<byte[]> _answers = [];
    private readonly HashSet<ulong> _accepted = [];
    private readonly Mutation _mutation;
    private readonly Clock _clock = new();
    private readonly Cpu _cpu;
    private readonly int _lieAt;
    private readonly int _lie;
    private byte[] _report;
    private ulong _authorised;
    private ulong _next = 0x1000;
    private int _commands;
    private int _readsToChange = -1;
    private ulong _buffer;

    public LyingHost(Mutation mutation)
    {
        (_mutation, _cpu, _lieAt, _lie) = (mutation, new Cpu(this), mutation.Below(Commands), mutation.Below(8));
        _report = Report(pages: 4);
        _memory.AsSpan().Clear();
    }

    public override string Name => "vm0/vcpu0";

    public override int Index => 0;

    public override TimeProvider Time => _clock;

    public override ModelRegisterTransport Instructions => _cpu;

    /// <summary>The module's word on the TDI; null while no TDI of that name is the TD's.</summary>
    public TdiState? State { get; private set; }

    /// <summary>Number of the bind.</summary>
    public ulong Session { get; private set; } = 0x1000;

    /// <summary>Whether its DMA entry was accepted.</summary>
    public bool HasDma { get; private set; }

    /// <summary>The evidence that the module vouches for.</summary>
    public byte[] Evidence(bool isReport) => isReport ? _report : [(byte)_report.Length, 0, 0, 0, 1, 0, 0, 0, .. _report.Reverse(), (byte)Session];

    /// <summary>Whether what runs is what the guest accepted: all pages of the report, DMA, and a start of this very bind.</summary>
    public bool IsTrulyAccepted(GuestDevice device) => State == TdiState.Run && HasDma && _authorised == Session
        && TeeRanges.TryRead(_report, device, out List<TeeRange> ranges) && _accepted.Count == ranges.Sum(r => (int)r.PageCount)
        && ranges.All(r => Enumerable.Range(0, (int)r.PageCount).All(i => _accepted.Contains(r.FirstGpaPage + (ulong)i)));

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        if (!isPrivate && _readsToChange-- == 0) _mutation.Scribble(_memory.AsSpan((int)_buffer, 2 * PageSize));
        _memory.AsSpan((int)gpa, destination.Length).CopyTo(destination);
        return true;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        source.CopyTo(_memory.AsSpan((int)gpa, source.Length));
        return true;
    }

    public override ulong AllocatePages(int count, bool isPrivate)
    {
        if (count == 1 && _free.TryPop(out ulong page)) return page;
        page = _next;
        _next += (ulong)count * PageSize;
        return page;
    }

    public override void FreePages(ulong gpa, int count)
    {
        for (int i = 0; i < count; i++) _free.Push(gpa + ((ulong)i * PageSize));
    }

    public override uint ReadConfig(ushort requesterId, int offset, int size) => uint.MaxValue;

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
    }

    public override void Sleep(TimeSpan duration)
    {
        // Time is the guest's own: nobody makes it stand still.
        Assert.True(duration > TimeSpan.Zero);
        _clock.Now += duration;
    }

    private static byte[] Report(uint pages)
    {
        byte[] report = new byte[TdispReport.ByteSize + TdispMmioRange.ByteSize];
        new TdispReport { InterfaceInfo = InterfaceInfo.NoUpdateAfterLock, MmioRangeCount = 1 }.Write(report);
        new TdispMmioRange { FirstPage = 0x777, NumberOfPages = pages }.Write(report.AsSpan(TdispReport.ByteSize));
        return report;
    }

    private static Span<byte> At(ulong gpa, int length) => _memory.AsSpan((int)gpa, length);

    /// <summary>A command of the guest: done and answered truly, but for the one lie.</summary>
    private void Host(ref RegisterFile registers)
    {
        registers[Register.R10] = 0;
        ulong gpa = registers[Register.R13] & ~SharedBit;
        int pages = (int)(registers[Register.R14] / PageSize);
        bool lies = _commands++ == _lieAt;
        if (lies && _lie == 0 && _mutation.Once(2)) Rebind();
        if (!(lies && _lie == 1)) Serve(gpa);
        if (lies && _lie == 1) Put(gpa, TdcmStatus.Completed, []);
        byte[] answer = At(gpa, PageSize).ToArray();
        if (lies) Lie(ref registers, gpa, pages);
        _answers.Add(answer);
    }

    private void Lie(ref RegisterFile registers, ulong gpa, int pages)
    {
        switch (_lie)
        {
            case 2: Put(gpa, TdcmStatus.Wait, []); break;
            case 3: registers[Register.R10] = _mutation.Once(2) ? (ulong)TdvmcallStatus.Retry : _mutation.Number(); break;
            case 4: (_readsToChange, _buffer) = (_mutation.Below(6), gpa); break;
            case 5 when _answers.Count > 0: _answers[_mutation.Below(_answers.Count)].CopyTo(At(gpa, PageSize)); break;
            case 6:
                for (Register r = Register.R10; r <= Register.R15; r++) registers[r] = _mutation.Change(registers[r]);
                break;
            default: _mutation.Scribble(At(gpa, pages * PageSize)); break;
        }
    }

    /// <summary>The device is bound anew, and may be another.</summary>
    private void Rebind()
    {
        if (State is null) return;
        if (_mutation.Once(2)) _report = Report(pages: 3);
        Bind();
    }

    private void Bind()
    {
        (State, HasDma, Session) = (TdiState.ConfigLocked, false, Session + 1);
        _accepted.Clear();
    }

    private void Serve(ulong gpa)
    {
        TdvmcallTdcm.TryRead(At(gpa, TdvmcallTdcm.ByteSize), out TdvmcallTdcm asked);
        switch (asked.Operation)
        {
            case TdcmOperation.CheckTeeioSupp: Put(gpa, TdcmStatus.Completed, [1]); return;
            case TdcmOperation.GetDevInfo: Put(gpa, TdcmStatus.Completed, Evidence(isReport: false)); return;
            case TdcmOperation.GetTdiReport: Put(gpa, TdcmStatus.Completed, Evidence(isReport: true)); return;
            case TdcmOperation.Bind: Bind(); break;
            case TdcmOperation.StartTdi when _authorised == Session: State = TdiState.Run; break;
            case TdcmOperation.Unbind: State = null; break;
            default: break;
        }

        Put(gpa, TdcmStatus.Completed, []);
    }

    private static void Put(ulong gpa, TdcmStatus status, ReadOnlySpan<byte> data)
    {
        TdvmcallTdcm.TryRead(At(gpa, TdvmcallTdcm.ByteSize), out TdvmcallTdcm header);
        (header.Status, header.DataLength) = (status, (uint)data.Length);
        header.Write(At(gpa, TdvmcallTdcm.ByteSize));
        data.CopyTo(At(gpa + TdcmConstants.HeaderSize, data.Length));
    }

    private void Module(CallInfo call, ref RegisterFile registers)
    {
        if (call == TdcallCalls.VmRd)
        {
            registers[Register.R8] = (ulong)TdConfigFlags.TdxConnect;
        }
        else if (State is not { } state)
        {
            registers[Register.Rax] = (ulong)TdxStatus.TdiNotPresent;
        }
        else if (call == TdcallCalls.TdiRd)
        {
            registers[Register.Rcx] = Read((TdiField)registers[Register.Rdx], state, registers[Register.R8]);
        }
        else if (call == TdcallCalls.MmioAccept)
        {
            ulong first = registers[Register.Rcx] >> 12;
            for (ulong i = 0; i < (uint)registers[Register.R9]; i++) _accepted.Add(first + i);
        }
        else if (call == TdcallCalls.DmarAccept)
        {
            HasDma = true;
        }
        else if (call == TdcallCalls.TdiStart)
        {
            bool isThis = registers[Register.Rdx] == Session;
            if (isThis) _authorised = Session;
            else registers[Register.Rax] = (ulong)TdxStatus.OperandInvalid;
        }
    }

    private ulong Read(TdiField field, TdiState state, ulong page)
    {
        switch (field)
        {
            case TdiField.GetBindSessionId: return Session;
            case TdiField.GetTdispState: return (ulong)state;
            default:
                byte[] hash = SHA384.HashData(Evidence(isReport: field == TdiField.GetTdispReportHash));
                hash.CopyTo(At(page, hash.Length));
                return (ulong)hash.Length;
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class Cpu(LyingHost host) : ModelRegisterTransport
    {
        public override void Call(CallInfo call, ref RegisterFile registers)
        {
            registers[Register.Rax] = 0;
            if (call == TdcallCalls.VpInfo) registers[Register.Rcx] = 48;
            else if (call == TdcallCalls.VpVmcall) host.Host(ref registers);
            else host.Module(call, ref registers);
        }
    }
}
