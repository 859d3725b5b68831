namespace TeeIo.Tdx.Module.Memory;

/// <summary>Orders blocks of mappings and IOTLB invalidations: an invalidation covers just what was blocked before it was asked for.</summary>
internal sealed class TrackingClock
{
    private ulong _now;

    public ulong Advance() => ++_now;
}
