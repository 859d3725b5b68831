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
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var state = new TeardownState();

        // What the module itself saw counts; where it isn't traced, what its caller got back.
        bool hasModule = trace.Any(c => c.Call.Abi == SeamcallCalls.TdiStop.Abi && c.Side == CrossingSide.Server);
        CrossingSide side = hasModule ? CrossingSide.Server : CrossingSide.Client;
        foreach (Crossing crossing in trace.Where(c => c.IsSuccess).OrderBy(c => c.ClosedAt))
        {
            bool isSeamcall = crossing.Call.Abi == SeamcallCalls.TdiStop.Abi && crossing.Side == side;
            bool isRecovery = crossing.Call == TdiServicesCalls.EnableMmio && crossing.Side == CrossingSide.Server;
            if ((isSeamcall || isRecovery) && state.Apply(crossing) is { } violation) yield return $"{violation} ({crossing.Call.Name} at {crossing.Sequence}).";
        }
    }
}
