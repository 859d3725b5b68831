namespace TeeIo.Abi.Model;

/// <summary>A typed identifier: a number that only a call of the same interface hands out.</summary>
/// <param name="Name">Name in the spec, such as <c>ioas</c>.</param>
/// <param name="Underlying">Scalar type on the wire.</param>
/// <param name="AnyOf">Ids that convert to this one; empty for an id of its own.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
public sealed record IdType(string Name, string Underlying, EquatableArray<string> AnyOf, Provenance Provenance);
