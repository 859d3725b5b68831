using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 7: a VM dies only after its TDIs.</summary>
/// <param name="profile">The profile whose effects say when firmware lets go of a TDI, also in an unbind that ends badly; null where only one that succeeds counts.</param>
public sealed class VmOutlivesTdisInvariant(FlowProfile? profile = null) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "7 (a VM outlives its TDIs)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Owners(profile);

    private sealed class Owners(FlowProfile? profile) : IInvariantWatch
    {
        private readonly BoundFunctions _bound = new(profile);

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
