namespace TeeIo.Abi.Model;

/// <summary>An enumeration or a set of flags.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="CName">Name in C, or null where it has none.</param>
/// <param name="Underlying">Scalar type on the wire.</param>
/// <param name="IsFlags">Whether values combine.</param>
/// <param name="Prefix">What C puts before each value's name.</param>
/// <param name="IsVerbatim">Whether values keep their names in C# as they are.</param>
/// <param name="Values">The values, in file order.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record EnumType(
    string Name, string? CName, string Underlying, bool IsFlags, string Prefix, bool IsVerbatim, EquatableArray<EnumValue> Values, Provenance Provenance);
