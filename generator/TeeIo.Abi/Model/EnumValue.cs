using System;
using System.Collections.Generic;
using System.Linq;

namespace TeeIo.Abi.Model;

/// <summary>One value of an enumeration.</summary>
/// <param name="Name">Name without the prefix.</param>
/// <param name="Value">The number; null where it is public nowhere (<c>unknown</c>): such a value is named and never put on a wire.</param>
/// <param name="Attributes">Further marks, such as <c>retry: same-operands</c>, as <c>key=value</c>.</param>
/// <param name="Provenance">Doc, source, status, since.</param>
/// <param name="CName">Whole name in C where that isn't prefix and name; <c>none</c> where it has none.</param>
public sealed record EnumValue(string Name, ulong? Value, EquatableArray<string> Attributes, Provenance Provenance, string? CName = null)
{
    private const string OnlyWithMark = "only-with=";

    /// <summary>What <c>only-with:</c> says, as <c>enumeration.VALUE</c>; null for a value that goes with all.</summary>
    public string? OnlyWith => Attributes.FirstOrDefault(a => a.StartsWith(OnlyWithMark, StringComparison.Ordinal))?.Substring(OnlyWithMark.Length);

    /// <summary>Finds the other value among the enumerations of the same spec.</summary>
    /// <returns>Null where there is none, or it has no number.</returns>
    public (EnumType Type, EnumValue Value)? FindOnlyWith(IEnumerable<EnumType> enums)
    {
        string[] names = OnlyWith?.Split('.') ?? Array.Empty<string>();
        EnumType? type = names.Length == 2 ? enums.FirstOrDefault(e => e.Name == names[0] && !e.IsFlags) : null;
        EnumValue? value = type?.Values.FirstOrDefault(v => v.Name == names[1] && v.Value is not null);
        return value is null ? null : (type!, value);
    }
}
