using System.Security.Cryptography;

namespace TeeIo.Pci.Tdisp;

/// <summary>One interface of a device (TDI) as the device sees it: its state, and what it was locked with. A device derives its own.</summary>
/// <param name="address">The function that is the interface.</param>
public abstract class TdispInterface(PciAddress address)
{
    private byte[] _nonce = [];
    private byte[] _report = [];

    /// <summary>The function that is the interface.</summary>
    public PciAddress Address { get; } = address;

    /// <summary>Its state.</summary>
    public TdiState State { get; private set; }

    /// <summary>Whether its configuration is frozen: locked or running.</summary>
    public bool IsLocked => State is TdiState.ConfigLocked or TdiState.Run;

    /// <summary>The flags of the last lock.</summary>
    public LockFlags LockFlags { get; private set; }

    /// <summary>The IDE stream of the last lock.</summary>
    public byte StreamId { get; private set; }

    /// <summary>What the last lock added to the MMIO addresses of the report, in bytes.</summary>
    public ulong ReportingOffset { get; private set; }

    /// <summary>The interface report of the last lock; empty unless locked or running.</summary>
    public ReadOnlySpan<byte> Report => _report;

    /// <summary>Locks the interface.</summary>
    /// <param name="flags">What to lock.</param>
    /// <param name="streamId">The IDE stream.</param>
    /// <param name="reportingOffset">What to add to the MMIO addresses of the report.</param>
    /// <param name="nonce">The nonce that a start must repeat.</param>
    /// <returns>0, or why not.</returns>
    public TdispErrorCode Lock(LockFlags flags, byte streamId, ulong reportingOffset, ReadOnlySpan<byte> nonce)
    {
        if (State != TdiState.ConfigUnlocked) return TdispErrorCode.InvalidInterfaceState;
        if (reportingOffset % TdispConstants.MmioPageSize != 0) return TdispErrorCode.InvalidRequest;
        TdispErrorCode refusal = CheckLock(flags, streamId);
        if (refusal != 0) return refusal;
        (LockFlags, StreamId, ReportingOffset) = (flags, streamId, reportingOffset);
        (_nonce, _report) = (nonce.ToArray(), BuildReport());
        Change(TdiState.ConfigLocked);
        return 0;
    }

    /// <summary>Starts the locked interface.</summary>
    /// <returns>0, or why not. A wrong nonce leaves it locked.</returns>
    public TdispErrorCode Start(ReadOnlySpan<byte> nonce)
    {
        if (State != TdiState.ConfigLocked) return TdispErrorCode.InvalidInterfaceState;
        if (!CryptographicOperations.FixedTimeEquals(nonce, _nonce)) return TdispErrorCode.InvalidNonce;
        _nonce = [];
        Change(TdiState.Run);
        return 0;
    }

    /// <summary>Ends trusted operation and unlocks, from any state.</summary>
    public void Stop()
    {
        (_nonce, _report) = ([], []);
        Change(TdiState.ConfigUnlocked);
    }

    /// <summary>Ends trusted operation because of a violation. Without a lock there is nothing to violate.</summary>
    public void Fail()
    {
        if (!IsLocked) return;
        (_nonce, _report) = ([], []);
        Change(TdiState.Error);
    }

    /// <summary>Decides whether the device can be locked as it is configured now.</summary>
    /// <returns>0, or why not.</returns>
    protected abstract TdispErrorCode CheckLock(LockFlags flags, byte streamId);

    /// <summary>Makes the interface report of a lock.</summary>
    protected abstract byte[] BuildReport();

    /// <summary>The state has changed from <paramref name="before"/>.</summary>
    protected virtual void OnStateChanged(TdiState before)
    {
    }

    private void Change(TdiState state)
    {
        TdiState before = State;
        State = state;
        if (before != state) OnStateChanged(before);
    }
}
