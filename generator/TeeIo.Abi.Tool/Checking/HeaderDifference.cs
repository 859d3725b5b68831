namespace TeeIo.Abi.Tool.Checking;

/// <summary>A fact that a header contradicts.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Found">The header's value, or null where the header doesn't have it.</param>
/// <param name="Why">What is wrong.</param>
internal sealed record HeaderDifference(HeaderFact Fact, ulong? Found, string Why);
