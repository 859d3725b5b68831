using System.Collections.Immutable;

namespace TeeIo.Flow.Invariants;

/// <summary>The state vector of each TDI as of now, as the flow's effects have made it.</summary>
/// <param name="profile">The profile whose effects make it.</param>
internal sealed class StateVectors(FlowProfile profile)
{
    private readonly Dictionary<string, ImmutableDictionary<string, string>> _vectors = new(StringComparer.Ordinal);

    /// <summary>The vector of a TDI; a value that stays as it is when the TDI's changes.</summary>
    public ImmutableDictionary<string, string> Of(string subject) => _vectors.GetValueOrDefault(subject, StateTimeline.Start);

    /// <summary>Takes note of a crossing that has ended.</summary>
    public void Apply(Crossing crossing)
    {
        if (crossing.Subject is not { } subject) return;
        foreach (FlowEffect effect in profile.Effects)
        {
            if (FlowMatcher.IsMatch(effect.Match, crossing)) _vectors[subject] = Of(subject).SetItem(effect.Variable, effect.Value);
        }
    }
}
