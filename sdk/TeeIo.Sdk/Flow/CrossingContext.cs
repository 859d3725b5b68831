namespace TeeIo.Flow;

/// <summary>Where in the trace a thread of execution stands, so that work which it hands to another one stays below its cause.</summary>
/// <param name="Parent">The innermost open crossing, or null.</param>
/// <param name="Subject">The TDI that the work is about, or null.</param>
public readonly record struct CrossingContext(Crossing? Parent, string? Subject);
