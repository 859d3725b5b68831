using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 2: no acceptance is issued before all evidence of this very bind has verified.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class EvidenceBeforeAcceptanceInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "2 (evidence before acceptance)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Epochs(profile);

    /// <summary>The evidence that each TDI's present bind has given.</summary>
    private sealed class Epochs(FlowProfile profile) : IInvariantWatch
    {
        private readonly Dictionary<string, Epoch> _epochs = new(StringComparer.Ordinal);

        public string? Closed(Crossing crossing)
        {
            if (crossing.Subject is not { } subject) return null;
            if (profile.Effects.Any(e => e is { Variable: "tdi", Value: "CONFIG_LOCKED" } && FlowMatcher.IsMatch(e.Match, crossing))) _epochs[subject] = new Epoch(crossing.ClosedAt);
            if (crossing.Side != CrossingSide.Server || !crossing.IsSuccess) return null;
            Epoch? epoch = _epochs.GetValueOrDefault(subject);
            if (crossing.Call == GuestTsmCalls.Evidence && crossing.Sequence > epoch?.Start && CrossingArguments.TryRead(crossing, "kind", out ulong kind))
                epoch.VerifiedAt.TryAdd(kind, crossing.ClosedAt);
            if (crossing.Call != GuestTsmCalls.Accept) return null;
            int kinds = epoch?.VerifiedAt.Values.Count(at => at < crossing.Sequence) ?? 0;
            return kinds < Enum.GetValues<EvidenceKind>().Length ? $"{subject} was accepted at {crossing.Sequence} with {kinds} pieces of evidence from this bind" : null;
        }
    }

    private sealed class Epoch(int start)
    {
        public int Start { get; } = start;

        /// <summary>When evidence of each kind was first complete.</summary>
        public Dictionary<ulong, int> VerifiedAt { get; } = [];
    }
}
