using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Guest;

/// <summary>A PCI device as the guest's kernel knows it.</summary>
public sealed class GuestDevice : ICrossingHandle, IStatefulHandle
{
    /// <summary>A device that the guest has not looked at yet.</summary>
    /// <param name="requesterId">Bus, device and function under which the guest reaches it.</param>
    public GuestDevice(ushort requesterId) => RequesterId = requesterId;

    /// <summary>Bus, device and function under which the guest reaches it.</summary>
    public ushort RequesterId { get; }

    /// <summary>Guest-physical base of each memory BAR; 0 where there is none.</summary>
    public ulong[] BarBase { get; } = new ulong[6];

    /// <summary>Bytes of each memory BAR; 0 where there is none.</summary>
    public ulong[] BarSize { get; } = new ulong[6];

    /// <summary>The vendor's record of the device's bind, or null; only its guest driver reads it. What one CPU has locked, another may accept: it goes with the device.</summary>
    public object? TsmState { get; set; }

    /// <summary>The interface report that verified in this bind; empty before.</summary>
    public ReadOnlyMemory<byte> VerifiedReport { get; internal set; }

    /// <summary>Whether the evidence of the present bind has verified.</summary>
    public bool IsAttested { get; internal set; }

    /// <summary>Whether the device has been accepted and its DMA and MMIO are private.</summary>
    public bool IsTrusted { get; internal set; }

    /// <summary>The TDISP state that the guest's driver last knew it in.</summary>
    public TdiState State { get; private set; }

    /// <inheritdoc/>
    TdiState IStatefulHandle.State
    {
        get => State;
        set => State = value;
    }

    /// <inheritdoc/>
    /// <remarks>A guest owns what it has had locked and has not given back.</remarks>
    bool IStatefulHandle.IsBound
    {
        get => State != TdiState.ConfigUnlocked;
        set => State = value ? State : TdiState.ConfigUnlocked;
    }

    /// <inheritdoc/>
    public ulong CrossingId => RequesterId;

    /// <inheritdoc/>
    public override string ToString() => $"{RequesterId >> 8:x2}:{(RequesterId >> 3) & 0x1F:x2}.{RequesterId & 7}";
}
