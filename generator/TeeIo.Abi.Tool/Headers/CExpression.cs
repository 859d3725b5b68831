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

    /// <summary>The first bit of a bit field, counted from the record's start. C has no word for it, so the field is filled with ones and looked for.</summary>
    public static string BitOffsetOf(string record, string member) =>
        Filled(record, member, "while (n < 8 * sizeof(u) && !(u.b[n / 8] >> n % 8 & 1)) n++;");

    /// <summary>How many bits a bit field has.</summary>
    public static string BitWidthOf(string record, string member) =>
        Filled(record, member, "for (unsigned long long i = 0; i < 8 * sizeof(u); i++) n += u.b[i / 8] >> i % 8 & 1;");

    /// <summary>The size of a type.</summary>
    public static string SizeOfType(string type) => $"sizeof({type})";

    private static string Filled(string record, string member, string count)
    {
        string type = TypeOf(record);
        return $"({{ union {{ {type} r; unsigned char b[sizeof({type})]; }} u; __builtin_memset(&u, 0, sizeof(u)); u.r.{member} = -1; unsigned long long n = 0; {count} n; }})";
    }

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
