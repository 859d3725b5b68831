namespace TeeIo.Flow;

/// <summary>An error that the spec lists for a call.</summary>
/// <param name="Name">Errno, status or error code by name.</param>
/// <param name="Outcome">The outcome that means it; null where its number is public nowhere.</param>
/// <param name="Meaning">The spec's words for it.</param>
public sealed record ErrorInfo(string Name, long? Outcome, string Meaning);
