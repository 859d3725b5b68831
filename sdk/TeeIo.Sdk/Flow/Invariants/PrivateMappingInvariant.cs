using System.Collections.Immutable;
using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 1: creating a private mapping needs a bound TDI in CONFIG_LOCKED or RUN; while one exists its TDI isn't let go; private work succeeds in RUN only.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class PrivateMappingInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "1 (private mappings)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new States(profile);

    private sealed class States(FlowProfile profile) : IInvariantWatch
    {
        private readonly StateVectors _states = new(profile);
        private readonly Dictionary<Crossing, ImmutableDictionary<string, string>> _whenOpened = [];

        public void Opened(Crossing crossing)
        {
            if (crossing is not { Subject: { } subject, Side: CrossingSide.Server }) return;
            if (crossing.Call == ConfidentialMemoryCalls.MapMmio || crossing.Call == GuestDeviceOpsCalls.Work) _whenOpened[crossing] = _states.Of(subject);
        }

        public string? Closed(Crossing crossing)
        {
            string? violation = Judge(crossing);
            _states.Apply(crossing);
            return violation;
        }

        private string? Judge(Crossing crossing)
        {
            _whenOpened.Remove(crossing, out ImmutableDictionary<string, string>? before);
            if (crossing is not { Subject: { } subject, Side: CrossingSide.Server, IsSuccess: true }) return null;
            if (crossing.Call == TsmCoreCalls.TsmUnbind && _states.Of(subject)["mmio"] == "yes") return $"{subject} was let go at {crossing.ClosedAt} while private MMIO was mapped";
            if (before is null) return null;
            (string state, string bound) = (before["tdi"], before["bound"]);
            if (crossing.Call == GuestDeviceOpsCalls.Work) return state == "RUN" ? null : $"{subject} worked privately at {crossing.Sequence} in {state}";
            return state is "CONFIG_LOCKED" or "RUN" && bound == "yes" ? null : $"{subject} got a private mapping at {crossing.Sequence} in {state}, bound={bound}";
        }
    }
}
