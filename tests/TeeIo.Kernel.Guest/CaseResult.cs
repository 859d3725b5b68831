namespace TeeIo.Kernel.Guest;

/// <summary>What became of a case.</summary>
/// <param name="Name">The case's name.</param>
/// <param name="Problem">What went wrong; null if nothing did.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record CaseResult(string Name, string? Problem, long Milliseconds);
