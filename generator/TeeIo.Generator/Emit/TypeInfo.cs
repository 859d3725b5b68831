using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>A type as templates need it, wherever it is declared.</summary>
/// <param name="Name">Name in its spec.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">C# namespace.</param>
/// <param name="CSharpName">Name in C#; a handle's is its full name.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Underlying">Scalar of an id or enumeration; empty for others.</param>
/// <param name="Prefix">What C puts before the names of an enumeration's values; empty for others.</param>
/// <param name="Values">An enumeration's values, as <c>NAME=number</c>.</param>
/// <param name="Fields">A record's fields.</param>
internal sealed record TypeInfo(
    string Name, TypeKind Kind, string Namespace, string CSharpName, int Size, string Underlying, string Prefix, EquatableArray<string> Values, EquatableArray<Field> Fields);
