namespace TeeIo.Abi.Model;

/// <summary>One value of an enumeration.</summary>
/// <param name="Name">Name without the prefix.</param>
/// <param name="Value">The number; null where it is public nowhere (<c>unknown</c>): such a value is named and never put on a wire.</param>
/// <param name="Attributes">Further marks, such as <c>retry: same-operands</c>, as <c>key=value</c>.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="CName">Whole name in C where that isn't prefix and name; <c>none</c> where it has none.</param>
public sealed record EnumValue(string Name, ulong? Value, EquatableArray<string> Attributes, Provenance Provenance, string? CName = null);
