namespace TeeIo.Flow;

/// <summary>How a trace accounts for a row.</summary>
/// <param name="Row">The row as the profile states it.</param>
/// <param name="IsAccounted">Whether the trace holds all that the row needs.</param>
/// <param name="Crossing">The crossing that is drawn; null for rows without one and for rows that are missing.</param>
/// <param name="TdiState">The TDI's state when the row begins; empty where the row has no time.</param>
/// <param name="TdiStateAfter">The TDI's state that this very row brings about; empty where it changes nothing.</param>
/// <param name="At">The row's position in the trace; -1 where it has none.</param>
public sealed record RowReport(FlowRow Row, bool IsAccounted, Crossing? Crossing, string TdiState, string TdiStateAfter, int At)
{
    /// <summary>Whether the trace could show the row at all; false only for traces from outside.</summary>
    public bool IsVisible { get; init; } = true;

    /// <summary>For a trace from outside: where in the recording <see cref="At"/> is; else empty.</summary>
    public string Place { get; init; } = string.Empty;
}
