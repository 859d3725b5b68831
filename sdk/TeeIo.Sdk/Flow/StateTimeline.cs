using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>The state vector of one TDI over a trace, as the flow's effects make it.</summary>
internal sealed class StateTimeline
{
    private readonly List<Change> _changes = [];

    public StateTimeline(FlowProfile profile, IEnumerable<Crossing> trace)
    {
        foreach (Crossing crossing in trace)
        {
            foreach (FlowEffect effect in profile.Effects)
            {
                if (FlowMatcher.IsMatch(effect.Match, crossing)) _changes.Add(new Change(crossing.ClosedAt, effect.Variable, effect.Value));
            }
        }

        _changes.Sort((a, b) => a.Time.CompareTo(b.Time));
    }

    /// <summary>The vector of a TDI that nothing has happened to.</summary>
    public static ImmutableDictionary<string, string> Start { get; } =
        ImmutableDictionary.CreateRange(StringComparer.Ordinal, [new("tdi", "CONFIG_UNLOCKED"), new("bound", "no"), new("mmio", "no"), new KeyValuePair<string, string>("dma", "no")]);

    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>The variable's value just before position <paramref name="time"/>.</summary>
    public string At(string variable, int time)
    {
        string value = Start.GetValueOrDefault(variable, string.Empty);
        foreach (Change change in _changes)
        {
            if (change.Time >= time) break;
            if (change.Variable == variable) value = change.Value;
        }

        return value;
    }

    public readonly record struct Change(int Time, string Variable, string Value);
}
