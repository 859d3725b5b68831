namespace TeeIo.Abi.Tool.Headers;

/// <summary>C expressions about a record. Its name is a tag, or <c>tag.member</c> where it is the type of a member and has no tag.</summary>
internal static class CExpression
{
    /// <summary>Its size.</summary>
    public static string SizeOf(string record) => $"sizeof({TypeOf(record)})";

    /// <summary>Its alignment.</summary>
    public static string AlignmentOf(string record) => $"_Alignof({TypeOf(record)})";

    /// <summary>The size of a member.</summary>
    public static string SizeOf(string record, string member) => $"sizeof((({TypeOf(record)} *)0)->{member})";

    /// <summary>The offset of a member.</summary>
    public static string OffsetOf(string record, string member) => $"offsetof({TypeOf(record)}, {member})";

    /// <summary>The value of a macro; no expression where the macro is no integer.</summary>
    public static string Integer(string macro) => $"_Generic(({macro}), {string.Join(", ", s_integers.Select(t => $"{t}: ({macro})"))})";

    private static readonly string[] s_integers =
        ["char", "signed char", "unsigned char", "short", "unsigned short", "int", "unsigned int", "long", "unsigned long", "long long", "unsigned long long"];

    private static string TypeOf(string record)
    {
        int dot = record.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? $"struct {record}" : $"__typeof__(((struct {record[..dot]} *)0)->{record[(dot + 1)..]})";
    }
}
