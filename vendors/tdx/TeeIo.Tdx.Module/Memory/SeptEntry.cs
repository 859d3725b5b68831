using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>A leaf of a secure EPT. Its states for MMIO are those of memory: their own numbers are public nowhere.</summary>
/// <param name="State">PENDING, MAPPED, or a blocked kind of these.</param>
/// <param name="HostAddress">The page that it maps.</param>
/// <param name="IsMmio">Whether that page is MMIO rather than memory.</param>
/// <param name="BlockedEpoch">TLB epoch of the TD in which it was blocked.</param>
/// <param name="BlockedAt">When it was blocked, on the clock that orders blocks and IOTLB invalidations.</param>
internal readonly record struct SeptEntry(SeptState State, ulong HostAddress, bool IsMmio, ulong BlockedEpoch = 0, ulong BlockedAt = 0)
{
    public bool IsBlocked => State is SeptState.Blocked or SeptState.PendingBlocked;

    public SeptEntry Accepted() => this with { State = SeptState.Mapped };

    public SeptEntry Released() => this with { State = SeptState.Pending };

    public SeptEntry Block(ulong epoch, ulong at) => this with
    {
        State = State == SeptState.Pending ? SeptState.PendingBlocked : SeptState.Blocked,
        BlockedEpoch = epoch,
        BlockedAt = at,
    };
}
