using System;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>What one spec exports.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its C# namespace.</param>
/// <param name="Profile">Its profile, or null.</param>
/// <param name="Types">Ids, enumerations, records and handles.</param>
/// <param name="Calls">Calls and ops.</param>
/// <param name="Objects">Objects of ioctls.</param>
/// <param name="Interfaces">Interfaces of ops.</param>
/// <param name="Locks">Names of its locks, outermost first.</param>
/// <param name="Actors">Columns of its flow.</param>
/// <param name="Rows">Rows of its flow.</param>
public sealed record SpecSymbols(
    string Name,
    AbiKind Kind,
    string Namespace,
    string? Profile,
    EquatableArray<TypeSymbol> Types,
    EquatableArray<CallSymbol> Calls,
    EquatableArray<OwnerSymbol> Objects,
    EquatableArray<OwnerSymbol> Interfaces,
    EquatableArray<string> Locks,
    EquatableArray<string> Actors,
    EquatableArray<RowSymbol> Rows)
{
    /// <summary>The type <paramref name="name"/>, or null.</summary>
    public TypeSymbol? Type(string name) => Types.FirstOrDefault(t => string.Equals(t.Name, name, StringComparison.Ordinal));

    /// <summary>The call <paramref name="name"/>, or null.</summary>
    public CallSymbol? Call(string name) => Calls.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));
}
