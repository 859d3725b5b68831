using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>A type as other specs see it.</summary>
/// <param name="Name">Name in the spec.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Namespace">C# namespace.</param>
/// <param name="CSharpName">Name in C#; a handle's is its full name.</param>
/// <param name="Size">Bytes, without a trailing flexible array.</param>
/// <param name="Alignment">Bytes.</param>
/// <param name="Underlying">Scalar of an id or enumeration; empty for others.</param>
/// <param name="IsFlags">Whether an enumeration's values combine.</param>
/// <param name="Prefix">What C puts before the names of an enumeration's values; empty for others.</param>
/// <param name="Values">An enumeration's values, as <c>NAME=number</c> or <c>NAME=unknown</c>.</param>
/// <param name="Fields">A record's fields.</param>
public sealed record TypeSymbol(
    string Name,
    TypeKind Kind,
    string Namespace,
    string CSharpName,
    int Size,
    int Alignment,
    string Underlying,
    bool IsFlags,
    string Prefix,
    EquatableArray<string> Values,
    EquatableArray<FieldSymbol> Fields);
