using System;
using System.Collections.Generic;

namespace TeeIo.Abi;

/// <summary>The language's scalars.</summary>
public static class ScalarTypes
{
    private static readonly Dictionary<string, (int Size, bool Signed, string CSharp)> _all = new(StringComparer.Ordinal)
    {
        ["u8"] = (1, false, "byte"),
        ["u16"] = (2, false, "ushort"),
        ["u32"] = (4, false, "uint"),
        ["u64"] = (8, false, "ulong"),
        ["s8"] = (1, true, "sbyte"),
        ["s16"] = (2, true, "short"),
        ["s32"] = (4, true, "int"),
        ["s64"] = (8, true, "long"),
        ["bool"] = (1, false, "bool"),
        ["fd"] = (4, true, "int"),
    };

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => _all.Keys;

    /// <summary>Bytes of the scalar <paramref name="name"/>, or 0 if it is none.</summary>
    public static int SizeOf(string name) => _all.TryGetValue(name, out (int Size, bool Signed, string CSharp) scalar) ? scalar.Size : 0;

    /// <summary>Whether <paramref name="name"/> is a signed scalar.</summary>
    public static bool IsSigned(string name) => _all.TryGetValue(name, out (int Size, bool Signed, string CSharp) scalar) && scalar.Signed;

    /// <summary>C#'s keyword for the scalar <paramref name="name"/>, or null if it is none.</summary>
    public static string? CSharpName(string name) => _all.TryGetValue(name, out (int Size, bool Signed, string CSharp) scalar) ? scalar.CSharp : null;

    /// <summary>Whether <paramref name="value"/> (two's complement where negative) fits into the scalar <paramref name="name"/>.</summary>
    public static bool Fits(string name, ulong value)
    {
        int bits = 8 * SizeOf(name);
        if (name == "bool") return value <= 1;
        if (!IsSigned(name)) return bits == 64 || value >> bits == 0;
        long signed = unchecked((long)value);
        return signed == (signed << (64 - bits)) >> (64 - bits);
    }
}
