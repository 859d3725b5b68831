using System.Diagnostics;
using TeeIo.Boundaries;

namespace Nvme;

/// <summary>A submission queue, where commands go, and the completion queue where the controller tells how they ended.</summary>
internal sealed class QueuePair
{
    /// <summary>Far above what any command takes.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(30);

    private readonly UserMemory _registers;
    private readonly int _number;
    private readonly int _entries;
    private readonly Interrupt? _interrupt;
    private readonly ulong _tailDoorbell;
    private readonly ulong _headDoorbell;
    private int _tail;
    private int _head;
    private bool _phase = true;

    /// <param name="function">Gives the queues' memory.</param>
    /// <param name="registers">BAR 0.</param>
    /// <param name="number">0 for the admin queues.</param>
    /// <param name="entries">How long each queue is.</param>
    /// <param name="stride">Bytes from one doorbell to the next.</param>
    /// <param name="interrupt">What tells of completions; null to look for them all the time.</param>
    public QueuePair(PciFunction function, UserMemory registers, int number, int entries, ulong stride, Interrupt? interrupt)
    {
        _registers = registers;
        _number = number;
        _entries = entries;
        _interrupt = interrupt;
        _tailDoorbell = (ulong)NvmeRegister.Dbs + (2 * (ulong)number * stride);
        _headDoorbell = _tailDoorbell + stride;
        Submissions = function.Allocate(NvmeConstants.PageSize);
        Completions = function.Allocate(NvmeConstants.PageSize);
    }

    /// <summary>Where commands go.</summary>
    public DmaMemory Submissions { get; }

    /// <summary>Where the controller answers.</summary>
    public DmaMemory Completions { get; }

    /// <summary>How many commands it takes at a time: a full queue would look like an empty one.</summary>
    public int Capacity => _entries - 1;

    /// <summary>Has the controller execute commands, in whichever order it likes, and waits for all of them.</summary>
    /// <param name="commands">At most <see cref="Capacity"/>. Their ids are given here.</param>
    /// <exception cref="IOException">One of them failed.</exception>
    /// <exception cref="TimeoutException">The controller doesn't answer.</exception>
    public void Run(ReadOnlySpan<NvmeCommand> commands)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(commands.Length, Capacity);
        Span<byte> entry = stackalloc byte[NvmeCommand.ByteSize];
        for (int id = 0; id < commands.Length; id++)
        {
            NvmeCommand command = commands[id];
            command.CommandId = (ushort)id;
            command.Write(entry);
            Submissions.Memory.Write((ulong)(_tail * NvmeCommand.ByteSize), entry);
            _tail = (_tail + 1) % _entries;
        }

        Ring(_tailDoorbell, _tail);
        string? failure = null;
        for (int i = 0; i < commands.Length; i++)
        {
            NvmeCompletion completion = Next();
            if (completion.CommandId >= commands.Length) throw new IOException($"queue {_number} completes command {completion.CommandId}, which it wasn't given: the controller doesn't work as it must. Reset the device.");
            if (completion.Status != NvmeStatus.Success) failure ??= Describe(commands[completion.CommandId], completion);
        }

        Ring(_headDoorbell, _head);
        if (failure is not null) throw new IOException(failure);
    }

    private NvmeCompletion Next()
    {
        long begin = Stopwatch.GetTimestamp();
        for (uint looks = 1; !IsNew(out _); looks++)
        {
            // The clock costs more than a look at memory.
            bool isLate = _interrupt is not null ? !_interrupt.Wait(s_timeout) : looks % 1024 == 0 && Stopwatch.GetElapsedTime(begin) > s_timeout;
            if (isLate) throw new TimeoutException($"queue {_number} has no completion after {s_timeout.TotalSeconds} s: the controller hangs or is gone. See 'dmesg'; a reset of the device may help.");
        }

        // Only what is read after the phase was seen belongs to it.
        Interlocked.MemoryBarrier();
        IsNew(out NvmeCompletion completion);
        _head = (_head + 1) % _entries;
        if (_head == 0) _phase = !_phase;
        return completion;
    }

    private bool IsNew(out NvmeCompletion completion)
    {
        Span<byte> entry = stackalloc byte[NvmeCompletion.ByteSize];
        Completions.Memory.Read((ulong)(_head * NvmeCompletion.ByteSize), entry);
        return NvmeCompletion.TryRead(entry, out completion) && completion.Phase == _phase;
    }

    private void Ring(ulong doorbell, int index) => _registers.Write(doorbell, BitConverter.GetBytes(index));

    private string Describe(NvmeCommand command, NvmeCompletion completion)
    {
        string name = _number == 0 ? command.AdminOpcode.ToString() : command.Opcode.ToString();
        string where = _number > 0 && command.Opcode != NvmeOpcode.Flush ? $" of {command.Length + 1} blocks from block {command.Slba} on" : "";
        return $"{name}{where} failed on queue {_number}: {completion.Status}. {(completion.Dnr ? "To repeat it won't help" : "It may be repeated")}.";
    }
}
