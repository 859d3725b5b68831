using System.Globalization;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Headers;

/// <summary>C's types in the spec's language.</summary>
internal static partial class CTypes
{
    private const int BitsOfAByte = 8;

    /// <summary>The integer of so many bytes.</summary>
    public static string Scalar(ulong bytes, bool isSigned) => (isSigned ? "s" : "u") + (BitsOfAByte * bytes).ToString(CultureInfo.InvariantCulture);

    /// <summary>What a member's name tells of its role; whether anybody checks it no header tells.</summary>
    public static FieldRole RoleOf(string member) => member.TrimStart('_') switch
    {
        { } name when name.StartsWith("reserved", StringComparison.Ordinal) => FieldRole.Zero,
        { } name when name.StartsWith("pad", StringComparison.Ordinal) => FieldRole.Ignored,
        _ => FieldRole.Value,
    };

    /// <summary>The type of a member and how many of it, or null where the language has no such type.</summary>
    /// <param name="member">The member.</param>
    /// <param name="recordOf">The spec's name for a record with a tag in C, or null.</param>
    /// <param name="enums">Enumerations that can be named.</param>
    public static (string Type, int Count)? Of(HeaderMember member, Func<string, string?> recordOf, IEnumerable<EnumType> enums)
    {
        if (Tagged().Match(member.Type) is { Success: true } tagged)
        {
            string tag = tagged.Groups[2].Value;
            if (tagged.Groups[1].Value == "struct" && recordOf(tag) is { } record) return (record, member.Count);
            if (tagged.Groups[1].Value == "enum" && enums.FirstOrDefault(e => e.CName == tag) is { } type && member.Size == member.Count * ScalarTypes.SizeOf(type.Underlying)) return (type.Name, member.Count);
            return member.Count == 0 ? ("u8", 0) : tagged.Groups[1].Value == "enum" ? ScalarOf(member) : null;
        }

        return ScalarOf(member);
    }

    private static (string Type, int Count)? ScalarOf(HeaderMember member)
    {

        // An array of unstated length has no size to divide.
        int element = member.Count == 0 ? SizeOf(member.Type) : member.Size / member.Count;
        string scalar = Scalar((ulong)element, SignedName().IsMatch(member.Type));
        if (ScalarTypes.SizeOf(scalar) > 0) return (scalar, member.Count);
        return member.Count == 0 ? ("u8", 0) : null;
    }

    private static int SizeOf(string type) => Width().Match(type) is { Success: true } width ? int.Parse(width.Groups[1].ValueSpan, CultureInfo.InvariantCulture) / BitsOfAByte : 1;

    [GeneratedRegex(@"^(?:const )?(struct|enum|union) (\w+)$")]
    private static partial Regex Tagged();

    [GeneratedRegex(@"^(__s(8|16|32|64)|(signed )?(int|short|long|long long|char))$")]
    private static partial Regex SignedName();

    [GeneratedRegex(@"(8|16|32|64)$")]
    private static partial Regex Width();
}
