namespace TeeIo.Kernel.Guest;

/// <summary>That a call has once ended so.</summary>
/// <param name="Call">The call's name.</param>
/// <param name="Outcome">Ok, or the errno.</param>
public sealed record CallOutcome(string Call, string Outcome);
