using System.Globalization;

namespace TeeIo.Abi;

/// <summary>The language's numbers: decimal, hex, shifts (<c>1&lt;&lt;3</c>), unions of those (<c>1|1&lt;&lt;3</c>), and negative ones.</summary>
public static class AbiNumber
{
    /// <summary>What a number is that is public nowhere.</summary>
    public const string Unknown = "unknown";

    /// <summary>Reads a number; a negative one comes as 64 bits in two's complement.</summary>
    public static bool TryParse(string text, out ulong value)
    {
        value = 0;
        text = text.Trim();
        if (text.Length == 0 || text.Length > 256) return false;
        if (text[0] == '-')
        {
            if (!TryParsePlain(text.Substring(1), out ulong magnitude) || magnitude > 1UL << 63) return false;
            value = unchecked(0UL - magnitude);
            return true;
        }

        foreach (string part in text.Split('|'))
        {
            if (!TryParseShift(part, out ulong bits)) return false;
            value |= bits;
        }

        return true;
    }

    private static bool TryParseShift(string text, out ulong value)
    {
        int at = text.IndexOf("<<", System.StringComparison.Ordinal);
        if (at < 0) return TryParsePlain(text, out value);
        if (!TryParsePlain(text.Substring(0, at), out value) || !TryParsePlain(text.Substring(at + 2), out ulong by) || by > 63) return false;
        ulong shifted = value << (int)by;
        bool fits = shifted >> (int)by == value;
        value = shifted;
        return fits;
    }

    private static bool TryParsePlain(string text, out ulong value)
    {
        text = text.Trim();
        return text.StartsWith("0x", System.StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.Substring(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
