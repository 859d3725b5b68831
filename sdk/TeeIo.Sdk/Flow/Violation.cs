namespace TeeIo.Flow;

/// <summary>A crossing after which an invariant didn't hold.</summary>
/// <param name="Invariant">The invariant's number and name.</param>
/// <param name="What">What is wrong, in a sentence.</param>
/// <param name="Crossing">The crossing whose end showed it.</param>
/// <param name="Crossings">How many crossings had ended by then, this one included.</param>
public sealed record Violation(string Invariant, string What, Crossing Crossing, int Crossings)
{
    /// <inheritdoc/>
    public override string ToString() => $"invariant {Invariant}: {What}";
}
