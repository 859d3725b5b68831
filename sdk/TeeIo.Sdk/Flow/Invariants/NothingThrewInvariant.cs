namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 6, as far as a trace shows it: whatever the other side sent, no call ended by an exception instead of an answer.</summary>
public sealed class NothingThrewInvariant : ITraceInvariant, IInvariantWatch
{
    /// <inheritdoc/>
    public string Name => "6 (every call has an answer)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => this;

    string? IInvariantWatch.Closed(Crossing crossing) =>
        crossing.Threw ? $"{crossing.Call.Name}, opened at {crossing.Sequence} by {crossing.Task}, ended by an exception" : null;
}
