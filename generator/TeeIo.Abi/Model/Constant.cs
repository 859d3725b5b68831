namespace TeeIo.Abi.Model;

/// <summary>A named number.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Value">The number.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="CName">Name in C where it differs; <c>none</c> where it has none.</param>
public sealed record Constant(string Name, ulong Value, Provenance Provenance, string? CName = null);
