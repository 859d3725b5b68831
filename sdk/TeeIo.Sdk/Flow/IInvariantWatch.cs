namespace TeeIo.Flow;

/// <summary>An invariant's eyes on one trace: a state machine that is fed the crossings one by one, and never looks back at the trace. A monitor calls it, one call at a time.</summary>
public interface IInvariantWatch
{
    /// <summary>A crossing begins. For rules that compare with the state at that moment; the crossing's outcome isn't known yet.</summary>
    void Opened(Crossing crossing)
    {
    }

    /// <summary>A crossing has ended.</summary>
    /// <returns>One sentence on what it violates: what and where; null where all is well.</returns>
    string? Closed(Crossing crossing);
}
