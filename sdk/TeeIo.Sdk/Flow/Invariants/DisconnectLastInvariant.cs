using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 11, of disconnecting: stream and session end only when every TDI that uses them, of whichever VM, has been unbound or at least its unbind has been tried.</summary>
/// <remarks>The TDIs of a DSM are on its bus.</remarks>
public sealed class DisconnectLastInvariant : ITraceInvariant
{
    private const int BusShift = 8;

    /// <inheritdoc/>
    public string Name => "11 (disconnecting unbinds first)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Tdis();

    private sealed class Tdis : IInvariantWatch
    {
        private readonly HashSet<ulong> _bound = [];
        private readonly Dictionary<Crossing, ulong> _early = [];

        public void Opened(Crossing crossing)
        {
            if (crossing.Side != CrossingSide.Server || crossing.Call != HostTsmCalls.Disconnect || BoundFunctions.Read(crossing, "function") is not { } dsm) return;
            foreach (ulong function in _bound.Where(f => f >> BusShift == dsm >> BusShift).Take(1)) _early[crossing] = function;
        }

        public string? Closed(Crossing crossing)
        {
            if (crossing.Side != CrossingSide.Server || !crossing.Entered) return null;
            if (crossing.Call == HostTsmCalls.Bind && crossing.IsSuccess && BoundFunctions.Read(crossing, "tdi") is { } bound) _bound.Add(bound);
            else if (crossing.Call == HostTsmCalls.Unbind && BoundFunctions.Read(crossing, "tdi") is { } released) _bound.Remove(released);
            return _early.Remove(crossing, out ulong function) ? $"{crossing.Call.Name} began at {crossing.Sequence} while TDI 0x{function:x} was bound" : null;
        }
    }
}
