using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 7: a VM dies only after its TDIs.</summary>
public sealed class VmOutlivesTdisInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "7 (a VM outlives its TDIs)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Owners();

    private sealed class Owners : IInvariantWatch
    {
        private readonly BoundFunctions _bound = new();

        public string? Closed(Crossing crossing)
        {
            _bound.Apply(crossing);
            bool isDeath = crossing is { Side: CrossingSide.Server, IsSuccess: true } && crossing.Call == ConfidentialMemoryCalls.DestroyVm;
            return isDeath && BoundFunctions.Read(crossing, "vm") is { } vm && _bound.OwnedBy(vm) is { } function
                ? $"VM {vm} was destroyed at {crossing.ClosedAt} while TDI 0x{function:x} was bound to it"
                : null;
        }
    }
}
