using TeeIo.Boundaries;

namespace Nvme;

/// <summary>An NVMe controller: reset, set up, and asked through its admin queues (NVM Express Base Specification 2.0, 3.5.1).</summary>
internal sealed class Controller : IDisposable
{
    private const ushort IoQueuePairs = 2;
    private readonly PciFunction _function;
    private readonly UserMemory _registers;
    private readonly NvmeCap _capabilities;
    private readonly int _entries;
    private readonly QueuePair _admin;
    private readonly DmaMemory _answer;
    private int _ioQueuePairs;

    /// <summary>Starts the controller.</summary>
    /// <exception cref="IOException">The function is no controller that this driver can drive.</exception>
    /// <exception cref="TimeoutException">It doesn't start.</exception>
    public Controller(PciFunction function)
    {
        if (function.Class != NvmeConstants.PciClass || function.Interface != NvmeConstants.PciInterface)
        {
            throw new IOException($"this is no NVMe controller: its PCI class is {function.Class:x4}, interface {function.Interface:x2}, where a controller has {NvmeConstants.PciClass:x4}, {NvmeConstants.PciInterface:x2}. "
                + $"'lspci -nn -d ::{NvmeConstants.PciClass:x4}' lists the controllers.");
        }

        _function = function;
        _registers = function.Start();
        Span<byte> bytes = stackalloc byte[NvmeCap.ByteSize];
        _registers.Read((ulong)NvmeRegister.Cap, bytes);
        NvmeCap.TryRead(bytes, out _capabilities);
        if (!_capabilities.CssNvm || _capabilities.Mpsmin != 0) throw new IOException("the controller has no blocks, or wants memory pages above 4 KiB. This driver knows neither.");

        Configure(default);
        WaitUntil(s => !s.Rdy, "stop");
        _entries = (int)Math.Min(_capabilities.Mqes + 1, (ulong)NvmeConstants.PageSize / NvmeCommand.ByteSize);
        _admin = NewQueues(0, null);
        _answer = function.Allocate(NvmeConstants.PageSize);
        NvmeAqa attributes = new() { Asqs = (uint)_entries - 1, Acqs = (uint)_entries - 1 };
        attributes.Write(bytes);
        _registers.Write((ulong)NvmeRegister.Aqa, bytes[..NvmeAqa.ByteSize]);
        _registers.Write((ulong)NvmeRegister.Asq, BitConverter.GetBytes(_admin.Submissions.Iova));
        _registers.Write((ulong)NvmeRegister.Acq, BitConverter.GetBytes(_admin.Completions.Iova));
        Configure(new NvmeCc { En = true, Iosqes = NvmeConstants.Sqes, Iocqes = NvmeConstants.Cqes });
        WaitUntil(s => s.Rdy, "start");

        _admin.Run([new NvmeCommand { AdminOpcode = NvmeAdminOpcode.SetFeatures, Fid = NvmeFeature.NumQueues, Nsqr = IoQueuePairs - 1, Ncqr = IoQueuePairs - 1 }]);
        NvmeIdCtrl.TryRead(Identify(NvmeCns.Ctrl, 0), out NvmeIdCtrl identity);
        Identity = identity;
    }

    /// <summary>What it is.</summary>
    public NvmeIdCtrl Identity { get; }

    /// <summary>Asks the controller what is there.</summary>
    /// <param name="what">Of what.</param>
    /// <param name="nsid">Which namespace.</param>
    /// <returns>The record that <paramref name="what"/> names.</returns>
    public byte[] Identify(NvmeCns what, uint nsid)
    {
        _admin.Run([new NvmeCommand { AdminOpcode = NvmeAdminOpcode.Identify, Cns = what, Nsid = nsid, Prp1 = _answer.Iova }]);
        byte[] answer = new byte[NvmeConstants.PageSize];
        _answer.Memory.Read(0, answer);
        return answer;
    }

    /// <summary>Makes a pair of I/O queues; two at most.</summary>
    /// <param name="interrupt">What tells of completions; null for queues that are looked at all the time.</param>
    public QueuePair CreateQueues(Interrupt? interrupt)
    {
        int number = ++_ioQueuePairs;
        QueuePair queues = NewQueues(number, interrupt);
        NvmeCommand common = new() { Qid = (ushort)number, Qsize = (ushort)(_entries - 1), QueueFlags = NvmeQueueFlags.PhysContig };
        NvmeCommand completions = common with { AdminOpcode = NvmeAdminOpcode.CreateCq, Prp1 = queues.Completions.Iova };
        if (interrupt is not null) completions = completions with { QueueFlags = NvmeQueueFlags.PhysContig | NvmeQueueFlags.IrqEnabled, IrqVector = interrupt.Vector };
        _admin.Run([completions]);
        _admin.Run([common with { AdminOpcode = NvmeAdminOpcode.CreateSq, Prp1 = queues.Submissions.Iova, Cqid = (ushort)number }]);
        return queues;
    }

    /// <summary>Gives the controller memory.</summary>
    public DmaMemory Allocate(ulong length) => _function.Allocate(length);

    /// <summary>Shuts the controller down in order and disables it, which takes all queues away. One that doesn't answer is left to the reset that closing its file brings.</summary>
    public void Dispose()
    {
        Configure(new NvmeCc { En = true, Shn = NvmeShutdown.Normal, Iosqes = NvmeConstants.Sqes, Iocqes = NvmeConstants.Cqes });
        if (IsInTime(s => s.Shst == NvmeShutdownStatus.Cmplt)) Configure(default);
        IsInTime(s => !s.Rdy);
    }

    private QueuePair NewQueues(int number, Interrupt? interrupt) =>
        new(_function, _registers, number, _entries, (ulong)NvmeConstants.DoorbellStride << (int)_capabilities.Dstrd, interrupt);

    private void Configure(NvmeCc configuration)
    {
        Span<byte> bytes = stackalloc byte[NvmeCc.ByteSize];
        configuration.Write(bytes);
        _registers.Write((ulong)NvmeRegister.Cc, bytes);
    }

    private NvmeCsts Status()
    {
        Span<byte> bytes = stackalloc byte[NvmeCsts.ByteSize];
        _registers.Read((ulong)NvmeRegister.Csts, bytes);
        NvmeCsts.TryRead(bytes, out NvmeCsts status);
        return status;
    }

    private bool IsInTime(Predicate<NvmeCsts> isReached) =>
        SpinWait.SpinUntil(() => isReached(Status()), TimeSpan.FromMilliseconds((_capabilities.To + 1) * NvmeConstants.ReadyUnit));

    private void WaitUntil(Predicate<NvmeCsts> isReached, string what)
    {
        if (!IsInTime(isReached)) throw new TimeoutException($"the controller doesn't {what} in the time that it says it needs{(Status().Cfs ? ": it failed for good (CSTS.CFS)" : "")}. Reset the device, or switch it off and on.");
    }
}
