using System;
using System.Collections.Generic;
using System.Linq;
using Scriban.Runtime;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>Enumerations and sets of flags, and the names of their values.</summary>
internal static class EnumModel
{
    public static ScriptObject? Build(EmitContext context)
    {
        if (context.Spec.Enums.Count == 0) return null;
        context.Use("System", "TeeIo.Flow");
        return new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["enums"] = context.Spec.Enums.Select(type => Enum(type, context)).ToArray(),
        };
    }

    /// <summary>Name of the class that holds the value names of the enumeration <paramref name="csharpName"/>.</summary>
    public static string NamesOf(string csharpName) => csharpName + "Names";

    private static ScriptObject Enum(EnumType type, EmitContext context)
    {
        string[] unknown = type.Values.Where(v => v.Value is null).Select(v => v.Name).ToArray();
        string[] remarks = unknown.Length == 0 ? Array.Empty<string>() : new[] { $"Without a number, for that is public nowhere: {Docs.Escape(string.Join(", ", unknown))}." };
        return new ScriptObject
        {
            ["doc"] = Docs.Of(0, type.Provenance, context.Spec.Provenance, type.CName, remarks),
            ["name"] = CSharpNames.Type(type.Name),
            ["names"] = NamesOf(CSharpNames.Type(type.Name)),
            ["is_flags"] = type.IsFlags,
            ["underlying"] = context.TypeName(type.Underlying),
            ["values"] = Values(type).ToArray(),
            ["only_with"] = OnlyWith(type, context),
            ["spec_values"] = type.Values.Where(v => v.Value is not null)
                .Select(v => new ScriptObject { ["number"] = Literal.Hex(v.Value!.Value & Mask(type)), ["name"] = Literal.Text(v.Name) }).ToArray(),
        };
    }

    /// <summary>The values that mean something beside one value of another enumeration only.</summary>
    private static ScriptObject? OnlyWith(EnumType type, EmitContext context)
    {
        (EnumValue Value, (EnumType Type, EnumValue Value) Other)[] marked = type.Values.Where(v => v.Value is not null)
            .Select(v => (Value: v, Other: v.FindOnlyWith(context.Spec.Enums))).Where(p => p.Other is not null).Select(p => (p.Value, p.Other!.Value)).ToArray();
        if (marked.Length == 0) return null;
        return new ScriptObject
        {
            ["type"] = CSharpNames.Type(marked[0].Other.Type.Name),
            ["values"] = marked.Select(m => new ScriptObject
            {
                ["name"] = NameOf(type, m.Value),
                ["other"] = NameOf(m.Other.Type, m.Other.Value),
            }).ToArray(),
        };
    }

    private static string NameOf(EnumType type, EnumValue value) => type.IsVerbatim ? value.Name : CSharpNames.Value(value.Name);

    private static IEnumerable<ScriptObject> Values(EnumType type)
    {
        // Where C has a zero it has a name for it; a set of flags without one still needs a way to write the empty set, and an errno a way to write success.
        EnumValue[] known = type.Values.Where(v => v.Value is not null).ToArray();
        if (type.Name == SymbolTable.ErrnoName) yield return Value(type, "Ok", 0, "<summary>Success.</summary>");
        else if (type.IsFlags && !known.Any(v => v.Value == 0 || CSharpNames.Value(v.Name) == "None")) yield return Value(type, "None", 0, "<summary>No flag.</summary>");
        foreach (EnumValue value in known)
        {
            yield return new ScriptObject
            {
                ["doc"] = Docs.Of(1, value.Provenance, type.Provenance, type.Prefix + value.Name, value.OnlyWith is { } only ? new[] { $"Only with {Docs.Escape(only)}." } : Array.Empty<string>()),
                ["name"] = NameOf(type, value),
                ["number"] = Literal.Number(value.Value!.Value, type.Underlying, type.IsFlags),
            };
        }
    }

    private static ScriptObject Value(EnumType type, string name, ulong number, string doc) => new()
    {
        ["doc"] = Docs.Lines(1, doc),
        ["name"] = name,
        ["number"] = Literal.Number(number, type.Underlying, isHex: false),
    };

    // Recorded values are zero-extended scalars.
    private static ulong Mask(EnumType type) => ScalarTypes.SizeOf(type.Underlying) is var size && size >= 8 ? ulong.MaxValue : (1UL << (8 * size)) - 1;
}
