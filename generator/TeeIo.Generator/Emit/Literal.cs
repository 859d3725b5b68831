using System.Globalization;
using System.Text;
using TeeIo.Abi;

namespace TeeIo.Generator.Emit;

/// <summary>Writes numbers and text as C# does.</summary>
internal static class Literal
{
    /// <summary>A number of the scalar type <paramref name="type"/>; hex for bits.</summary>
    public static string Number(ulong value, string type, bool isHex)
    {
        if (ScalarTypes.IsSigned(type)) return unchecked((long)value).ToString(CultureInfo.InvariantCulture);
        return isHex ? Hex(value) : value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A number in hex.</summary>
    public static string Hex(ulong value) => "0x" + value.ToString("X", CultureInfo.InvariantCulture);

    /// <summary>A number in decimal.</summary>
    public static string Decimal(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A string in quotes.</summary>
    public static string Text(string text)
    {
        StringBuilder result = new("\"");
        foreach (char c in text)
        {
            if (c is '"' or '\\') result.Append('\\').Append(c);
            else if (c < ' ' || char.IsControl(c) || c is '\u2028' or '\u2029') result.Append("\\u").Append(((int)c).ToString("X4", CultureInfo.InvariantCulture));
            else result.Append(c);
        }

        return result.Append('"').ToString();
    }
}
