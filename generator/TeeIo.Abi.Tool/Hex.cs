using System.Globalization;

namespace TeeIo.Abi.Tool;

/// <summary>Numbers as the specs write them.</summary>
internal static class Hex
{
    /// <summary>In hex.</summary>
    public static string Of(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture);

    /// <summary>In hex, or <c>unknown</c> where the number is public nowhere.</summary>
    public static string Of(ulong? value) => value is { } number ? Of(number) : "unknown";
}
