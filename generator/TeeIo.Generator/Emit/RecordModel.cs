using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Emit;

/// <summary>Structures, messages and buffers.</summary>
internal static class RecordModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        // A record of nothing but a trailing array has no bytes of its own, so there is nothing to declare.
        RecordType[] records = context.Spec.Records.Where(r => r.Size > 0).ToArray();
        if (records.Length == 0) return null;
        context.Use("System", "System.Runtime.CompilerServices", "System.Runtime.InteropServices");
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["records"] = records.Select(r => Record(r, context)).ToArray(),
        };
    }

    private static ScriptObject Record(RecordType record, EmitContext context)
    {
        Field[] fields = record.Fields.Where(f => f.Count != 0).ToArray();
        string[] remarks = record.Flexible is { } tail ? new[] { $"{Docs.Escape(tail.Name)} follows: {Docs.Sentence(tail.Provenance.Doc)}" } : Array.Empty<string>();
        return new ScriptObject
        {
            ["doc"] = Docs.Of(0, record.Provenance, context.Spec.Provenance, record.Name, remarks),
            ["name"] = CSharpNames.Type(record.Name),
            ["size"] = record.Size,
            ["is_header"] = record.Flexible is not null,
            ["fields"] = fields.Where(f => f.Bits is null).Select(f => Plain(f, record, context)).ToArray(),
            ["scalars"] = fields.Where(f => f.Bits is not null).GroupBy(f => (f.Offset, f.Size)).Select(g => Scalar(g.Key.Offset, g.Key.Size, g, record, context)).ToArray(),
            ["arrays"] = fields.Where(f => f.Count > 1).GroupBy(ArrayName).Select(g => new ScriptObject
            {
                ["name"] = g.Key,
                ["element"] = ElementType(g.First().Type, context),
                ["count"] = g.First().Count,
            }).ToArray(),
        };
    }

    private static ScriptObject Plain(Field field, RecordType record, EmitContext context) => new()
    {
        ["doc"] = FieldDoc(field, record),
        ["name"] = CSharpNames.Field(field.Name),
        ["backing"] = "_at" + field.Offset.ToString(CultureInfo.InvariantCulture),
        ["offset"] = field.Offset,
        ["is_bool"] = field.Type == "bool" && field.Count == 1,
        ["type"] = field.Count > 1 ? ArrayName(field) : context.TypeName(field.Type),
    };

    private static ScriptObject Scalar(int offset, int size, IEnumerable<Field> bits, RecordType record, EmitContext context) => new()
    {
        ["name"] = "_bits" + offset.ToString(CultureInfo.InvariantCulture),
        ["offset"] = offset,
        ["type"] = Unsigned(size),
        ["fields"] = bits.Select(f => new ScriptObject
        {
            ["doc"] = FieldDoc(f, record),
            ["name"] = CSharpNames.Field(f.Name),
            ["type"] = context.TypeName(f.Type),
            ["get"] = Conversion.FromNumber(context, f.Type, $"((_bits{offset} >> {f.Bits!.Low}) & {Literal.Hex(Mask(f.Bits.Width))})"),
            ["set"] = Conversion.ToNumber(context, f.Type, "value"),
            ["low"] = f.Bits.Low,
            ["mask"] = Literal.Hex(Mask(f.Bits.Width)) + "UL",
            ["keep"] = Literal.Hex(Mask(8 * size) & ~(Mask(f.Bits.Width) << f.Bits.Low)) + "UL",
        }).ToArray(),
    };

    private static string FieldDoc(Field field, RecordType record)
    {
        List<string> remarks = new();
        if (field.Unit is not null && !field.Provenance.Doc.Contains(field.Unit)) remarks.Add($"In {Docs.Escape(field.Unit)}.");
        if (field.InIf is not null) remarks.Add($"Only read with {Docs.Escape(field.InIf)}.");
        string doc = field.Provenance.Doc.Length > 0 ? field.Provenance.Doc : RoleDoc(field.Role);
        return Docs.Of(1, field.Provenance with { Doc = doc }, record.Provenance, field.Name, remarks);
    }

    private static string RoleDoc(FieldRole role) => role switch
    {
        FieldRole.Size => "Size of the record.",
        FieldRole.Zero => "Reserved: zero.",
        FieldRole.Ignored => "Padding that nobody checks.",
        FieldRole.Constant => "Always the same.",
        _ => "",
    };

    private static string ArrayName(Field field)
    {
        // U64x14 for scalars, the type's own name for others.
        string element = ScalarTypes.SizeOf(field.Type) > 0 ? field.Type : CSharpNames.Type(field.Type);
        return $"{char.ToUpperInvariant(element[0])}{element.Substring(1)}x{field.Count.ToString(CultureInfo.InvariantCulture)}";
    }

    // Elements are what lies in memory, so a bool is its byte.
    private static string ElementType(string type, EmitContext context) => type == "bool" ? "byte" : context.TypeName(type);

    private static string Unsigned(int size) => size switch { 1 => "byte", 2 => "ushort", 4 => "uint", _ => "ulong" };

    private static ulong Mask(int bits) => bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
}
