using System.Buffers.Binary;
using System.Runtime.InteropServices;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux.Kvm;
using TeeIo.Scheduling;
using TeeIo.Vmm;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>The machine that a guest's program finds on a real vCPU. The program itself runs here, outside; each access to memory or to a device, and each call, is a step that the vCPU takes
/// (Firmware.S). A plain VM has no private side.</summary>
/// <param name="scheduler">Runs the guest's task and the vCPU's loop.</param>
/// <param name="hub">Where the guest's steps are reported.</param>
/// <param name="options">The VM's layout.</param>
internal sealed class DoorbellGuest(IActorScheduler scheduler, CrossingHub hub, VmmOptions options) : GuestMachine
{
    private const ulong FirstFree = 16 * PageSize;
    private const int FunctionShift = 12;
    private ulong _nextFree = FirstFree;
    private DoorbellPage _page;
    private bool _isWaiting;
    private bool _isTaken;
    private bool _isDone;
    private bool _hasEnded;

    /// <inheritdoc/>
    public override string Name { get; } = $"{options.Name}/vcpu0";

    /// <inheritdoc/>
    public override int Index => 0;

    /// <inheritdoc/>
    public override TimeProvider Time => scheduler.Time;

    /// <inheritdoc/>
    public override ModelRegisterTransport Instructions => Cpu ?? throw new InvalidOperationException("The guest has no instruction yet.");

    /// <summary>The vendor's guest instruction, which leaves the guest by the doorbell.</summary>
    public ModelRegisterTransport? Cpu { get; set; }

    /// <summary>Where in the trace the guest's program stands that waits for a step.</summary>
    public CrossingContext Place { get; private set; }

    /// <summary>The vCPU is ready: takes over what its last step brought, and gives it the next one.</summary>
    /// <param name="memory">The guest's memory.</param>
    public void Exchange(IGuestSharedMemory memory)
    {
        Span<byte> bytes = stackalloc byte[DoorbellPage.ByteSize];
        if (_isTaken)
        {
            memory.TryRead(DoorbellConstants.Page, bytes);
            if (DoorbellPage.TryRead(bytes, out DoorbellPage answer)) _page = answer;
            _isTaken = false;
            _isDone = true;
        }

        scheduler.WaitUntil(() => _isWaiting || _hasEnded, $"{Name}'s program to go on");
        if (!_isWaiting) _page = new DoorbellPage { Step = DoorbellStep.ShutDown };
        (_isWaiting, _isTaken) = (false, true);
        _page.Write(bytes);
        memory.TryWrite(DoorbellConstants.Page, bytes);
    }

    /// <summary>The guest's program has ended: so does the vCPU.</summary>
    public void End() => _hasEnded = true;

    /// <inheritdoc/>
    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        if (isPrivate) return false;
        while (destination.Length > 0)
        {
            int length = Piece(gpa, destination.Length);
            DoorbellPage answer = Take(new DoorbellPage { Step = DoorbellStep.Read, Address = gpa, Length = (uint)length });
            Data(ref answer)[..length].CopyTo(destination);
            gpa += (ulong)length;
            destination = destination[length..];
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        if (isPrivate) return false;
        while (source.Length > 0)
        {
            int length = Piece(gpa, source.Length);
            DoorbellPage step = new() { Step = DoorbellStep.Write, Address = gpa, Length = (uint)length };
            source[..length].CopyTo(Data(ref step));
            Take(step);
            gpa += (ulong)length;
            source = source[length..];
        }

        return true;
    }

    /// <inheritdoc/>
    /// <remarks>Pages come back to nobody: a flow needs few.</remarks>
    public override ulong AllocatePages(int count, bool isPrivate)
    {
        ulong length = (ulong)count * PageSize;
        ulong gpa = _nextFree;
        if (length > options.MemorySize - gpa) return 0;
        _nextFree += length;
        return isPrivate || (Share(gpa, (uint)count) && TryWrite(gpa, new byte[length], isPrivate: false)) ? gpa : 0;
    }

    /// <inheritdoc/>
    public override void FreePages(ulong gpa, int count)
    {
    }

    /// <inheritdoc/>
    public override uint ReadConfig(ushort requesterId, int offset, int size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        TryRead(ConfigAddress(requesterId, offset), bytes[..size], isPrivate: false);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <inheritdoc/>
    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        TryWrite(ConfigAddress(requesterId, offset), bytes[..size], isPrivate: false);
    }

    /// <inheritdoc/>
    public override void Sleep(TimeSpan duration) => scheduler.Sleep(duration);

    /// <summary>Rings the doorbell with registers, and takes the answer.</summary>
    public void Call(ref RegisterFile registers)
    {
        DoorbellPage step = new() { Step = DoorbellStep.Call };
        ((ReadOnlySpan<ulong>)registers).CopyTo(step.Registers);
        DoorbellPage answer = Take(step);
        ((ReadOnlySpan<ulong>)answer.Registers).CopyTo(registers);
    }

    private static Span<byte> Data(ref DoorbellPage page) => page.Data;

    /// <summary>At most what a step moves, and within a page; whole words where there are any, since devices' registers take nothing else.</summary>
    private static int Piece(ulong gpa, int length)
    {
        int piece = Math.Min(Math.Min(length, DoorbellConstants.DataLength), PageSize - (int)(gpa % PageSize));
        return piece > sizeof(uint) ? piece & ~(sizeof(uint) - 1) : piece;
    }

    private ulong ConfigAddress(ushort requesterId, int offset) => options.ConfigWindow + ((ulong)requesterId << FunctionShift) + (ulong)offset;

    private bool Share(ulong gpa, uint pages)
    {
        DoorbellPage step = new() { Step = DoorbellStep.Hypercall };
        Span<uint> registers = MemoryMarshal.Cast<byte, uint>(Data(ref step));
        (registers[0], registers[1], registers[2], registers[3]) = ((uint)KvmHypercall.MapGpaRange, (uint)gpa, pages, 0);
        DoorbellPage answer = Take(step);
        return MemoryMarshal.Cast<byte, uint>(Data(ref answer))[0] == 0;
    }

    private DoorbellPage Take(in DoorbellPage step)
    {
        Place = hub.Capture();
        (_page, _isWaiting, _isDone) = (step, true, false);
        scheduler.WaitUntil(() => _isDone, $"{Name} to take a step");
        return _page;
    }
}
