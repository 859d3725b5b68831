namespace TeeIo.Flow.Invariants;

/// <summary>The part of a trace that is about one TDI, with its state over time.</summary>
internal sealed class SubjectTrace
{
    private readonly StateTimeline _timeline;

    private SubjectTrace(string subject, FlowProfile profile, IReadOnlyList<Crossing> crossings)
    {
        Subject = subject;
        Crossings = crossings;
        _timeline = new StateTimeline(profile, crossings);
    }

    public string Subject { get; }

    public IReadOnlyList<Crossing> Crossings { get; }

    /// <summary>One part for each TDI that the trace names.</summary>
    public static IEnumerable<SubjectTrace> Split(FlowProfile profile, IReadOnlyList<Crossing> trace) =>
        trace.Where(c => c.Subject is not null).GroupBy(c => c.Subject!, StringComparer.Ordinal).Select(g => new SubjectTrace(g.Key, profile, [.. g]));

    /// <summary>Successful passages of a call on the callee's side.</summary>
    public IEnumerable<Crossing> Served(CallInfo call) => Crossings.Where(c => c.Side == CrossingSide.Server && c.Call == call && c.IsSuccess);

    public string StateAt(string variable, int time) => _timeline.At(variable, time);

    /// <summary>Position of the latest change of <paramref name="variable"/> to <paramref name="value"/> before <paramref name="time"/>, or -1.</summary>
    public int LastChange(string variable, string value, int time)
    {
        int last = -1;
        foreach (StateTimeline.Change change in _timeline.Changes)
        {
            if (change.Time >= time) break;
            if (change.Variable == variable && change.Value == value) last = change.Time;
        }

        return last;
    }
}
