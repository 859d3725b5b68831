namespace TeeIo.Abi.Tool.Headers;

/// <summary>An enumeration of a header.</summary>
/// <param name="Tag">Its tag; null where it has none.</param>
/// <param name="Values">Its values, in order.</param>
internal sealed record HeaderEnum(string? Tag, IReadOnlyList<HeaderNumber> Values);
