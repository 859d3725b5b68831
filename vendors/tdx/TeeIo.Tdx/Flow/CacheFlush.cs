using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Flow;

/// <summary>Invariant 10, of caches: a page that the module has given back gets a new owner only when its cache lines are written back (TDH.PHYMEM.PAGE.WBINVD).</summary>
public sealed class CacheFlush : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "10 TDX caches before a new owner";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Pages();

    /// <summary>What the module itself saw counts; where it isn't traced, what its caller got back.</summary>
    private sealed class Pages : IInvariantWatch
    {
        private static readonly CallInfo[] s_givesBack = [SeamcallCalls.PhymemPageReclaim, SeamcallCalls.TdimtRemove, SeamcallCalls.MemPageRemove];
        private static readonly CallInfo[] s_takes = [SeamcallCalls.MemPageAdd, SeamcallCalls.MemPageAug, SeamcallCalls.MngCreate, SeamcallCalls.VpCreate, SeamcallCalls.TdimtAdd];
        private readonly HashSet<ulong> _unflushed = [];
        private bool _hasModule;

        public string? Closed(Crossing crossing)
        {
            if (crossing.Call.Abi != SeamcallCalls.TdiStop.Abi) return null;
            _hasModule |= crossing.Side == CrossingSide.Server;
            bool counts = crossing.Side == (_hasModule ? CrossingSide.Server : CrossingSide.Client);
            if (!counts || !crossing.IsSuccess) return null;
            CallInfo call = crossing.Call;
            if (call == SeamcallCalls.PhymemPageWbinvd && Page(crossing, "page") is { } flushed) _unflushed.Remove(flushed);
            else if (s_givesBack.Contains(call) && Page(crossing, "page") is { } back) _unflushed.Add(back);
            else if (call == SeamcallCalls.TdiRemove && Page(crossing, "control_page") is { } control) _unflushed.Add(control);
            else if (s_takes.Contains(call) && Page(crossing, "page") is { } page) return Take(page, crossing);
            else if (call == SeamcallCalls.TdiCreate && Page(crossing, "control_page") is { } own) return Take(own, crossing);
            return null;
        }

        private string? Take(ulong page, Crossing crossing) => _unflushed.Remove(page)
            ? $"page 0x{page:x} got a new owner by {crossing.Call.Name} at {crossing.ClosedAt} before its cache lines were written back"
            : null;

        private static ulong? Page(Crossing crossing, string argument) => CrossingArguments.TryRead(crossing, argument, out ulong page) ? page : null;
    }
}
