namespace TeeIo.Kernel.Guest;

/// <summary>That a call has once ended so: one line of JSON on the guest's terminal.</summary>
/// <param name="Call">The call's name.</param>
/// <param name="Outcome">Ok, or the errno.</param>
public sealed record CallOutcome(string Call, string Outcome) : IComparable<CallOutcome>
{
    /// <inheritdoc/>
    public int CompareTo(CallOutcome? other) => string.CompareOrdinal($"{Call} {Outcome}", $"{other?.Call} {other?.Outcome}");
}
