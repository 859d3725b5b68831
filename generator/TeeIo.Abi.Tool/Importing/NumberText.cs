using System.Globalization;
using System.Numerics;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Writes a number as its neighbours are written.</summary>
internal static class NumberText
{
    /// <summary><paramref name="value"/> in the manner of <paramref name="model"/>: a shift, hex or decimal.</summary>
    public static string Like(string model, ulong value)
    {
        if (model.Contains("<<", StringComparison.Ordinal) && BitOperations.IsPow2(value)) return Bit(value);
        if (model.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return "0x" + value.ToString((model.Any(char.IsAsciiLetterLower) && model[2..].Any(char.IsAsciiLetterLower) ? "x" : "X") + Invariant(model.Length - 2), CultureInfo.InvariantCulture);
        return model.StartsWith('-') || value > long.MaxValue ? unchecked((long)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A single bit as a shift.</summary>
    public static string Bit(ulong value) => $"1<<{Invariant(BitOperations.Log2(value))}";

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);
}
