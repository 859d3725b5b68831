using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Linux.Kvm;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>The machine that a guest finds on one of its virtual CPUs.</summary>
internal sealed class SoftwareGuest : GuestMachine
{
    private const int MaxMmio = 8;
    private const int FunctionShift = 12;
    private const int MaxFaults = 16;
    private readonly KvmVm _vm;
    private readonly KvmVcpu _cpu;

    public SoftwareGuest(KvmVm vm, KvmVcpu cpu)
    {
        (_vm, _cpu) = (vm, cpu);
        Instructions = vm.Kernel.Vendor.Cpu.CreateInstructions(cpu);
    }

    public override string Name => _cpu.Name;

    public override int Index => _cpu.Index;

    public override TimeProvider Time => _vm.Kernel.Scheduler.Time;

    public override ModelRegisterTransport Instructions { get; }

    private PhysicalMemory Memory => _vm.Kernel.Memory;

    public override bool TryRead(ulong gpa, Span<byte> destination, bool isPrivate)
    {
        while (destination.Length > 0)
        {
            Span<byte> piece = destination[..Piece(gpa, destination.Length)];
            if (!(isPrivate ? AccessPrivate(gpa, piece, isWrite: false) : AccessShared(gpa, piece, isWrite: false))) return false;
            gpa += (ulong)piece.Length;
            destination = destination[piece.Length..];
        }

        return true;
    }

    public override bool TryWrite(ulong gpa, ReadOnlySpan<byte> source, bool isPrivate)
    {
        Span<byte> bytes = source.Length <= PageSize ? stackalloc byte[source.Length] : new byte[source.Length];
        source.CopyTo(bytes);
        while (bytes.Length > 0)
        {
            Span<byte> piece = bytes[..Piece(gpa, bytes.Length)];
            if (!(isPrivate ? AccessPrivate(gpa, piece, isWrite: true) : AccessShared(gpa, piece, isWrite: true))) return false;
            gpa += (ulong)piece.Length;
            bytes = bytes[piece.Length..];
        }

        return true;
    }

    public override ulong AllocatePages(int count, bool isPrivate)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        _cpu.ThrowIfClosed();
        ulong gpa = _vm.Pages.Take(count, isPrivate);
        if (gpa == 0) return 0;
        byte[] zeroes = new byte[PageSize];
        for (int i = 0; i < count; i++)
        {
            ulong page = gpa + ((ulong)i * PageSize);
            if ((!isPrivate || Accept(page)) && TryWrite(page, zeroes, isPrivate)) continue;
            _vm.Pages.Return(gpa, count);
            return 0;
        }

        return gpa;
    }

    public override void FreePages(ulong gpa, int count) => _vm.Pages.Return(gpa, count);

    public override uint ReadConfig(ushort requesterId, int offset, int size)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        bytes.Clear();
        return AccessShared(ConfigAddress(requesterId, offset, size), bytes[..size], isWrite: false) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
    }

    public override void WriteConfig(ushort requesterId, int offset, int size, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        AccessShared(ConfigAddress(requesterId, offset, size), bytes[..size], isWrite: true);
    }

    public override void Sleep(TimeSpan duration)
    {
        _cpu.ThrowIfClosed();
        _vm.Kernel.Scheduler.Sleep(duration);
        _cpu.ThrowIfClosed();
    }

    private static int Piece(ulong gpa, int length) => Math.Min(length, PageSize - (int)(gpa % PageSize));

    private ulong ConfigAddress(ushort requesterId, int offset, int size)
    {
        if (size is not (1 or 2 or 4)) throw new ArgumentOutOfRangeException(nameof(size), "A configuration access has 1, 2 or 4 bytes.");
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, (1 << FunctionShift) - size);
        return _vm.Owner.ConfigWindow + ((ulong)requesterId << FunctionShift) + (ulong)offset;
    }

    private bool AccessPrivate(ulong gpa, Span<byte> piece, bool isWrite)
    {
        for (int fault = 0; fault < MaxFaults; fault++)
        {
            _cpu.ThrowIfClosed();
            PageWalk walk = _vm.Kernel.Vendor.Cpu.WalkPrivate(_vm.Identity, gpa, isWrite);
            if (walk.Result == PageWalkResult.Mapped)
            {
                Transfer(walk.HostAddress, piece, isWrite, walk.Key, tee: true);
                return true;
            }

            if (walk.Result != PageWalkResult.NotMapped || !_cpu.ExitWithPrivateAccess(gpa, isWrite)) return false;
        }

        return false;
    }

    private bool AccessShared(ulong gpa, Span<byte> piece, bool isWrite)
    {
        for (int fault = 0; fault < MaxFaults; fault++)
        {
            _cpu.ThrowIfClosed();
            if (_vm.Mmu.FindSlot(gpa) is not { } slot || (isWrite && slot.Flags.HasFlag(MemoryFlags.Readonly)))
            {
                for (int done = 0; done < piece.Length; done += MaxMmio)
                    _cpu.ExitWithMmio(gpa + (ulong)done, piece.Slice(done, Math.Min(MaxMmio, piece.Length - done)), isWrite);
                return true;
            }

            if (_vm.Pages.TryTranslateShared(gpa, out ulong hpa))
            {
                Transfer(hpa, piece, isWrite, KeyId.Shared, tee: false);
                return true;
            }

            if (!_cpu.ExitWithSharedFault(gpa, isWrite)) return false;
        }

        return false;
    }

    private void Transfer(ulong hpa, Span<byte> piece, bool isWrite, KeyId key, bool tee)
    {
        if (Memory.IsMmio(hpa) && isWrite) Memory.WriteMmio(hpa, piece, tee);
        else if (Memory.IsMmio(hpa)) Memory.ReadMmio(hpa, piece, tee);
        else if (isWrite) Memory.Write(hpa, piece, key);
        else Memory.Read(hpa, piece, key);
    }

    /// <summary>Has a private page mapped and accepts it.</summary>
    private bool Accept(ulong gpa)
    {
        for (int fault = 0; fault < MaxFaults; fault++)
        {
            _cpu.ThrowIfClosed();
            switch (_vm.Kernel.Vendor.Cpu.WalkPrivate(_vm.Identity, gpa, isWrite: true).Result)
            {
                case PageWalkResult.Mapped:
                    return true;
                case PageWalkResult.Pending when !_vm.Kernel.Vendor.Cpu.AcceptPage(_cpu, gpa):
                    return false;
                case PageWalkResult.NotMapped when !_cpu.ExitWithPrivateFault(gpa, isWrite: true):
                    return false;
                case PageWalkResult.Denied:
                    return false;
            }
        }

        return false;
    }
}
