using System;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Names and facts of ioctl fields that client and server share.</summary>
internal static class IoctlNames
{
    private static readonly string[] _pointerSuffixes = { "_uptr", "_ptr" };

    /// <summary>The parameter for what a pointer gives: <c>data_uptr</c> gives <c>data</c>, unless there is a field of that name.</summary>
    public static string Pointer(Field field, RecordType record)
    {
        string? suffix = _pointerSuffixes.FirstOrDefault(s => field.Name.Length > s.Length && field.Name.EndsWith(s, StringComparison.Ordinal));
        if (suffix is null) return CSharpNames.Parameter(field.Name);
        string plain = field.Name.Substring(0, field.Name.Length - suffix.Length);
        return CSharpNames.Parameter(record.Fields.Any(f => f.Name == plain) ? field.Name : plain);
    }

    /// <summary>The pointer or array whose length <paramref name="field"/> holds, or null where it holds the length of process memory, which is the caller's business.</summary>
    public static Field? Measured(Field field, RecordType record) => field.Role != FieldRole.Length
        ? null
        : record.Fields.FirstOrDefault(f => f.LengthField == field.Name && (f.Role == FieldRole.UserPointer || f.Count == 0));

    /// <summary>C#'s type of the elements that <paramref name="field"/> points to or consists of.</summary>
    public static string Element(Field field, EmitContext context)
    {
        string type = field.Role == FieldRole.UserPointer ? field.Target ?? "u8" : field.Type;
        return type == "bool" ? "byte" : context.TypeName(type);
    }

    /// <summary>The field that holds a record's own size, or null.</summary>
    public static Field? SizeField(RecordType? record) => record?.Fields.FirstOrDefault(f => f.Role == FieldRole.Size);
}
