using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Module.Memory;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>A TDI that a TD owns. What guests read of it is what the device said over the session; no word of the host's comes in.</summary>
/// <param name="functionId">The function as the host names it.</param>
/// <param name="guestId">The function as the TD names it.</param>
/// <param name="td">The TD.</param>
/// <param name="stream">Its IDE stream.</param>
/// <param name="iommuId">The IOMMU in front of it.</param>
/// <param name="controlPage">The page of its control structure.</param>
/// <param name="random">Where session numbers come from.</param>
internal sealed class TdiContext(uint functionId, ulong guestId, Td td, IdeStreamContext stream, ushort iommuId, ulong controlPage, Random random)
{
    private readonly TdiConversations _tdisp = new(functionId, stream.Session);

    public uint FunctionId { get; } = functionId;

    public ushort RequesterId => (ushort)FunctionId;

    public ulong GuestId { get; } = guestId;

    public Td Td { get; } = td;

    public IdeStreamContext Stream { get; } = stream;

    public ushort IommuId { get; } = iommuId;

    public ulong ControlPage { get; } = controlPage;

    /// <summary>TDISP's state as the module knows it.</summary>
    public TdiState State => _tdisp.State;

    /// <summary>Number of this bind: random, new with each lock, 0 while unlocked.</summary>
    public ulong BindSessionId { get; private set; }

    /// <summary>Whether the TD has authorised the start of this bind.</summary>
    public bool IsStartAuthorised { get; private set; }

    /// <summary>The report of this bind, or null before it was read.</summary>
    public InterfaceReport? Report => _tdisp.Report;

    /// <summary>How many MMIO pages are mapped.</summary>
    public int MappedMmio { get; set; }

    /// <summary>Whether a DMA entry exists, in whatever state.</summary>
    public bool HasDmaEntry { get; set; }

    public bool IsLockedOrRunning => _tdisp.IsLockedOrRunning;

    /// <summary>Whether nothing trusted of the device can be under way any more.</summary>
    public bool IsQuiet => (State == TdiState.ConfigUnlocked && !_tdisp.IsLockPending) || Stream.State == IdeStreamState.Blocked;

    /// <summary>Authorises the start of the bind with number <paramref name="session"/>.</summary>
    public bool TryAuthoriseStart(ulong session)
    {
        if (session != BindSessionId) return false;
        IsStartAuthorised = true;
        return true;
    }

    public IEnumerable<byte[]> Lock(DeviceExchange exchange, LockFlags flags)
    {
        foreach (byte[] message in _tdisp.Lock(exchange, flags, Stream.Id, Td.ReportingOffset)) yield return message;
        if (!exchange.HasFailed) BindSessionId = NewSessionId();
    }

    public IEnumerable<byte[]> Start(DeviceExchange exchange) => _tdisp.Start(exchange);

    public IEnumerable<byte[]> Stop(DeviceExchange exchange) => AndForget(_tdisp.Stop(exchange));

    public IEnumerable<byte[]> ReadState(DeviceExchange exchange) => AndForget(_tdisp.ReadState(exchange));

    public IEnumerable<byte[]> ReadReport(DeviceExchange exchange) => _tdisp.ReadReport(exchange);

    /// <summary>A device that has unlocked the TDI has ended the bind.</summary>
    private IEnumerable<byte[]> AndForget(IEnumerable<byte[]> conversation)
    {
        foreach (byte[] message in conversation) yield return message;
        if (State == TdiState.ConfigUnlocked) (BindSessionId, IsStartAuthorised) = (0, false);
    }

    private ulong NewSessionId()
    {
        ulong id;
        do id = (ulong)random.NextInt64();
        while (id == 0);
        return id;
    }
}
