namespace TeeIo.Flow;

/// <summary>Keeps every crossing, in the order in which they were opened.</summary>
public sealed class TraceRecorder : ICrossingObserver
{
    private readonly List<Crossing> _crossings = [];
    private readonly Lock _gate = new();

    /// <summary>The crossings so far.</summary>
    public IReadOnlyList<Crossing> Trace
    {
        get
        {
            lock (_gate) return [.. _crossings];
        }
    }

    /// <inheritdoc/>
    public void Opened(Crossing crossing)
    {
        lock (_gate) _crossings.Add(crossing);
    }

    /// <inheritdoc/>
    public void Closed(Crossing crossing)
    {
        // The crossing itself carries its end.
    }
}
