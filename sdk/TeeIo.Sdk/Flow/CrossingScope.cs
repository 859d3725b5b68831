namespace TeeIo.Flow;

/// <summary>An open crossing. Close it with the outcome; disposing an unclosed one records that it ended by an exception.</summary>
public readonly ref struct CrossingScope
{
    private readonly CrossingHub? _hub;
    private readonly Crossing? _crossing;

    internal CrossingScope(CrossingHub hub, Crossing crossing, long outcome) => (_hub, _crossing, Outcome) = (hub, crossing, outcome);

    /// <summary>Whether to enter the callee.</summary>
    public bool Enter => _crossing is null || _crossing.Entered;

    /// <summary>If the callee isn't to be entered: what the caller sees.</summary>
    public long Outcome { get; }

    /// <summary>Ends the crossing.</summary>
    /// <param name="outcome">What came back.</param>
    /// <param name="arguments">The argument bytes as they are now.</param>
    public void Close(long outcome, scoped ReadOnlySpan<byte> arguments)
    {
        if (_crossing is not null) _hub!.Close(_crossing, outcome, arguments, threw: false);
    }

    /// <summary>Ends the crossing as one that threw, unless it was closed.</summary>
    public void Dispose()
    {
        if (_crossing is { ClosedAt: < 0 }) _hub!.Close(_crossing, 0, default, threw: true);
    }
}
