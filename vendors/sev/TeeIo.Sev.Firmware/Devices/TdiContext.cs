using TeeIo.Boundaries;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Firmware.Guests;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>A TDI. What its guest reads of it is what the device said over the session; no word of the host's comes in.</summary>
/// <param name="id">The address of its context, which is its name, also for guests.</param>
/// <param name="pages">Its context's pages.</param>
/// <param name="interfaceId">The function as the host names it.</param>
/// <param name="device">Its device.</param>
internal sealed class TdiContext(ulong id, ulong[] pages, TdispInterfaceId interfaceId, DeviceContext device)
{
    private readonly TdiConversations _tdisp = new((uint)RegisterBoundary.Pack(interfaceId.FunctionId), device);
    private long _collectionsAtLock;

    public ulong Id { get; } = id;

    public ulong[] Pages { get; } = pages;

    public TdispInterfaceId InterfaceId { get; } = interfaceId;

    public ushort RequesterId => (ushort)InterfaceId.FunctionId.RequesterId;

    public DeviceContext Device { get; } = device;

    /// <summary>Whose it is; null while it isn't bound.</summary>
    public GuestContext? Guest { get; private set; }

    /// <summary>The function as its guest names it.</summary>
    public ushort GuestDeviceId { get; private set; }

    public TdispLockIfFlags LockFlags { get; private set; }

    /// <summary>TDISP's state as the firmware knows it.</summary>
    public TdiState State => _tdisp.State;

    /// <summary>What the device said when it was asked last.</summary>
    public TdiState ToldState => _tdisp.ToldState;

    public InterfaceReport? Report => _tdisp.Report;

    public bool IsLockedOrRunning => _tdisp.IsLockedOrRunning;

    /// <summary>Whether the measurements were collected since it was locked.</summary>
    public bool IsMeasuredAfresh => Guest is not null && Device.Collections > _collectionsAtLock;

    /// <summary>How often its report was read.</summary>
    public ulong ReportCount { get; private set; }

    /// <summary>Its secure device table entry; all zero where the guest has set none.</summary>
    public Sdte Sdte { get; set; }

    /// <summary>Pages of MMIO that the guest has accepted as this TDI's.</summary>
    public HashSet<ulong> AcceptedMmio { get; } = [];

    /// <summary>Locks it for <paramref name="guest"/> and reads its report. It is that guest's from the lock on, whatever becomes of the report.</summary>
    public IEnumerable<byte[]> Lock(DeviceExchange exchange, GuestContext guest, ushort guestDeviceId, TdispLockIfFlags flags)
    {
        foreach (byte[] message in _tdisp.Lock(exchange, (LockFlags)flags, Device.StreamId, reportingOffset: 0)) yield return message;
        if (exchange.HasFailed) yield break;
        (Guest, GuestDeviceId, LockFlags, _collectionsAtLock) = (guest, guestDeviceId, flags, Device.Collections);
        foreach (byte[] message in ReadReport(exchange)) yield return message;
    }

    /// <summary>Starts it and reads its report again.</summary>
    public IEnumerable<byte[]> Start(DeviceExchange exchange, Action onRun)
    {
        foreach (byte[] message in _tdisp.Start(exchange)) yield return message;
        if (exchange.HasFailed) yield break;
        onRun();
        foreach (byte[] message in ReadReport(exchange)) yield return message;
    }

    /// <summary>Stops it; <paramref name="onStopped"/> learns whether the device has said so.</summary>
    /// <param name="exchange">The relay.</param>
    /// <param name="isForced">Whether a device that doesn't answer is no reason to go on.</param>
    /// <param name="onStopped">What ends with it.</param>
    public IEnumerable<byte[]> Stop(DeviceExchange exchange, bool isForced, Action<bool> onStopped)
    {
        DeviceExchange attempt = isForced ? new DeviceExchange() : exchange;
        if (Device.HasSession)
        {
            foreach (byte[] message in DeviceContext.Relay(_tdisp.Stop(attempt), exchange, attempt)) yield return message;
        }
        else if (isForced)
        {
            attempt.Fail(DeviceFailure.BadSpdm);
        }

        if (!exchange.HasFailed) onStopped(!attempt.HasFailed);
    }

    public IEnumerable<byte[]> ReadState(DeviceExchange exchange) => _tdisp.ReadState(exchange);

    public IEnumerable<byte[]> ReadReport(DeviceExchange exchange)
    {
        foreach (byte[] message in _tdisp.ReadReport(exchange)) yield return message;
        if (!exchange.HasFailed) ReportCount++;
    }

    /// <summary>Takes it from its guest.</summary>
    public void Unbind()
    {
        _tdisp.Forget();
        (Guest, GuestDeviceId, LockFlags, Sdte, ReportCount) = (null, 0, 0, default, 0);
        AcceptedMmio.Clear();
    }
}
