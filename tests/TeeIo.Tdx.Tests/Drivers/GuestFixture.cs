using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>A guest CPU with a module and a host behind it that do what a test says.</summary>
internal sealed class GuestFixture : GuestMachine
{
    private readonly byte[] _memory = new byte[1 << 20];
    private readonly Clock _clock = new();
    private readonly Cpu _cpu;
    private ulong _next = 0x1000;

    public GuestFixture() => _cpu = new Cpu(this);

    /// <summary>Pages in use.</summary>
    public int InUse { get; private set; }

    /// <summary>What the host does with a command: gets the buffer's address.</summary>
    public Action<ulong> Host { get; set; } = _ => { };

    /// <summary>What happens before the guest reads shared memory: gets the address.</summary>
    public Action<ulong> Reading { get; set; } = _ => { };

    /// <summary>What happens while the guest sleeps.</summary>
    public Action Sleeping { get; set; } = () => { };

    /// <summary>What the VMM answers to the TDVMCALL itself.</summary>
    public TdvmcallStatus Taken { get; set; }

    /// <summary>What the module does with every other leaf: the status, after setting registers.</summary>
    public Func<string, RegisterFile, (ulong Status, ulong Rcx, ulong R9)> Module { get; set; } = (_, _) => default;

    public List<string> Leaves { get; } = [];

    public override string Name => "vm0/vcpu0";

    public override int Index => 0;

    public override TimeProvider Time => _clock;

    public override ModelRegisterTransport Instructions => _cpu;

    public Span<byte> Memory(ulong gpa, int length) => _memory.AsSpan((int)gpa, length);

    public void Answer(ulong gpa, TdcmStatus status, uint length, TdcmError error = default)
    {
        TdvmcallTdcm.TryRead(Memory(gpa, TdvmcallTdcm.ByteSize), out TdvmcallTdcm header);
        (header.Status, header.Error, header.DataLength) = (status, error, length);
        header.Write(Memory(gpa, TdvmcallTdcm.ByteSize));
    }

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        if (!isPrivate) Reading(gpa);
        Memory(gpa, destination.Length).CopyTo(destination);
        return true;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        source.CopyTo(Memory(gpa, source.Length));
        return true;
    }

    public override ulong AllocatePages(int count, bool isPrivate)
    {
        ulong gpa = _next;
        _next += (ulong)count * PageSize;
        InUse += count;
        return gpa;
    }

    public override void FreePages(ulong gpa, int count) => InUse -= count;

    public override uint ReadConfig(ushort requesterId, int offset, int size) => uint.MaxValue;

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
    }

    public override void Sleep(TimeSpan duration)
    {
        _clock.Now += duration;
        Sleeping();
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    private sealed class Cpu(GuestFixture guest) : ModelRegisterTransport
    {
        private const ulong SharedBit = 1UL << 47;

        public override void Call(CallInfo call, ref RegisterFile registers)
        {
            guest.Leaves.Add(call.Name["TDG.".Length..]);
            registers[Register.Rax] = 0;
            if (call == TdcallCalls.VpInfo)
            {
                registers[Register.Rcx] = 48;
            }
            else if (call == TdcallCalls.VpVmcall)
            {
                ulong gpa = registers[Register.R13];
                Assert.Equal(SharedBit, gpa & SharedBit);
                registers[Register.R10] = (ulong)guest.Taken;
                if (guest.Taken == TdvmcallStatus.Success) guest.Host(gpa & ~SharedBit);
            }
            else
            {
                if (call == TdcallCalls.VmRd) registers[Register.R8] = (ulong)TdConfigFlags.TdxConnect;
                (registers[Register.Rax], registers[Register.Rcx], registers[Register.R9]) = guest.Module(call.Name["TDG.".Length..], registers);
            }
        }
    }
}
