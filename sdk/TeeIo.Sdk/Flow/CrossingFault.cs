namespace TeeIo.Flow;

/// <summary>A crossing that is to fail: the n-th one of a call, on one side, by one task or by any.</summary>
/// <param name="Call">Name of the call, as <see cref="CallInfo.Name"/> has it.</param>
/// <param name="Side">Side on which the crossing is opened. On the caller's side the callee never hears of the call; on the callee's side it has arrived, but isn't carried out.</param>
/// <param name="Outcome">What the caller sees, with all outputs zero; one of the call's <see cref="CallInfo.Errors"/>, say.</param>
public sealed record CrossingFault(string Call, CrossingSide Side, long Outcome)
{
    /// <summary>The task whose crossings count; null for all of them.</summary>
    public string? Task { get; init; }

    /// <summary>Which of the matching crossings fails, from 1.</summary>
    public int Nth { get; init; } = 1;

    /// <summary>Whether all that match fail from the <see cref="Nth"/> on; else only that one.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether <paramref name="crossing"/> counts.</summary>
    public bool Matches(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        return crossing.Side == Side && string.Equals(crossing.Call.Name, Call, StringComparison.Ordinal)
            && (Task is null || string.Equals(crossing.Task, Task, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Call} ({Side}, {Task ?? "any task"}) no. {Nth}{(IsPersistent ? " and on" : "")} ends with {Outcome} (0x{Outcome:X})");
}
