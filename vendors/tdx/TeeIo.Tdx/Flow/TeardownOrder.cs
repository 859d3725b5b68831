using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Flow;

/// <summary>Invariant 4: a device stops, or its stream is blocked, before anything that leads to it is taken away; MMIO is blocked, tracked and then unmapped, DMA entries are blocked,
/// invalidated and then removed; both are gone before the TDI is, the TDI before its metadata pages go back, and MMIO before it may be shared again.</summary>
public sealed class TeardownOrder : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "4 TDX teardown order";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Calls();

    /// <summary>What the module itself saw counts; where it isn't traced, what its caller got back. A call ends on the module's side first, so the first end of all tells.</summary>
    private sealed class Calls : IInvariantWatch
    {
        private readonly TeardownState _state = new();
        private bool _hasModule;

        public string? Closed(Crossing crossing)
        {
            bool isSeamcall = crossing.Call.Abi == SeamcallCalls.TdiStop.Abi;
            _hasModule |= isSeamcall && crossing.Side == CrossingSide.Server;
            bool counts = isSeamcall
                ? crossing.Side == (_hasModule ? CrossingSide.Server : CrossingSide.Client)
                : crossing.Call == TdiServicesCalls.EnableMmio && crossing.Side == CrossingSide.Server;
            return counts && crossing.IsSuccess && _state.Apply(crossing) is { } violation ? $"{violation} ({crossing.Call.Name} at {crossing.Sequence})." : null;
        }
    }
}
