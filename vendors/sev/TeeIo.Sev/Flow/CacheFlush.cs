using TeeIo.Flow;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Flow;

/// <summary>Invariant 10, of caches: an ASID whose guest is gone gets another guest only when the data fabric has been flushed (SNP_DF_FLUSH, which insists on written-back caches).</summary>
public sealed class CacheFlush : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "10 SEV caches before a new owner";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Asids();

    private sealed class Asids : IInvariantWatch
    {
        private readonly Dictionary<ulong, ulong> _asidOf = [];
        private readonly HashSet<ulong> _unflushed = [];

        public string? Closed(Crossing crossing)
        {
            if (!crossing.IsSuccess) return null;
            if (crossing.Call == SnpFirmwareCalls.DfFlush) _unflushed.Clear();
            if (!CrossingArguments.TryRead(crossing, "gctx_paddr", out ulong guest)) return null;
            if (crossing.Call == SnpFirmwareCalls.Decommission && _asidOf.Remove(guest, out ulong left)) _unflushed.Add(left);
            if (crossing.Call != SnpFirmwareCalls.Activate || !CrossingArguments.TryRead(crossing, "asid", out ulong asid)) return null;
            _asidOf[guest] = asid;
            return _unflushed.Remove(asid) ? $"ASID {asid} got a new guest at {crossing.ClosedAt} before the data fabric was flushed" : null;
        }
    }
}
