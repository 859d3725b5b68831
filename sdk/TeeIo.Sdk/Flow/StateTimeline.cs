namespace TeeIo.Flow;

/// <summary>The state vector of one TDI over a trace, as the flow's effects make it.</summary>
internal sealed class StateTimeline
{
    private static readonly Dictionary<string, string> s_start = new(StringComparer.Ordinal) { ["tdi"] = "CONFIG_UNLOCKED", ["bound"] = "no", ["mmio"] = "no", ["dma"] = "no" };
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

    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>The variable's value just before position <paramref name="time"/>.</summary>
    public string At(string variable, int time)
    {
        string value = s_start.GetValueOrDefault(variable, string.Empty);
        foreach (Change change in _changes)
        {
            if (change.Time >= time) break;
            if (change.Variable == variable) value = change.Value;
        }

        return value;
    }

    public readonly record struct Change(int Time, string Variable, string Value);
}
