namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 6, as far as a trace shows it: whatever the other side sent, no call ended by an exception instead of an answer.</summary>
public sealed class NothingThrewInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "6 (every call has an answer)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace) =>
        from crossing in trace
        where crossing.Threw
        select $"{crossing.Call.Name}, opened at {crossing.Sequence} by {crossing.Task}, ended by an exception";
}
