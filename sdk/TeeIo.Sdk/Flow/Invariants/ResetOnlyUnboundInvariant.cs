using TeeIo.Linux.PciCore;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 8: while a function is bound nothing resets it, puts it to sleep, stops its memory decoding or bus mastering, or takes it away, be it alone, with its bus or with all
/// virtual functions.</summary>
public sealed class ResetOnlyUnboundInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "8 (reset, sleep and removal only while unbound)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Functions();

    private sealed class Functions : IInvariantWatch
    {
        private readonly BoundFunctions _bound = new();

        public string? Closed(Crossing crossing)
        {
            _bound.Apply(crossing);
            if (crossing.Side != CrossingSide.Server || !crossing.IsSuccess) return null;
            return Target(crossing) is { } function && _bound.Contains(function) ? $"{crossing.Call.Name} at {crossing.ClosedAt} hit function 0x{function:x} while it was bound" : null;
        }

        /// <summary>The function that a crossing takes away, or null.</summary>
        private ulong? Target(Crossing crossing)
        {
            CallInfo call = crossing.Call;
            if (call == VfioCalls.Reset || call == VfioCalls.PciHotReset) return _bound.FunctionOf(crossing.Subject);
            bool isWaking = call == PciFunctionOpsCalls.SetPowerState && BoundFunctions.Read(crossing, "state") == (ulong)PowerState.D0;
            return call.Abi == PciFunctionOpsCalls.Reset.Abi && !isWaking ? BoundFunctions.Read(crossing, "function") : null;
        }
    }
}
