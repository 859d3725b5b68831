using System.Globalization;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The facts of a spec as a C header, with what must hold of it asserted.</summary>
internal sealed class CHeader(AbiSet set, AbiSpec spec, string prefix)
{
    private const int LineWidth = 100;
    private readonly TypeScope _types = new(set, spec);

    /// <summary>Name of the header's file.</summary>
    public static string FileName(AbiSpec spec) => spec.Name + ".h";

    /// <summary>Its text.</summary>
    public string Text => Template.Render("c-header", new ScriptObject
    {
        ["guard"] = $"{SymbolName.Identifier(prefix + spec.Name).ToUpperInvariant()}_H",
        ["doc"] = Comment(spec.Provenance.Doc, ""),
        ["name"] = spec.Name,
        ["source"] = Comment("Source: " + spec.Provenance.Source + ".", ""),
        ["includes"] = _types.Used.Select(FileName).ToArray(),
        ["is_ioctl"] = spec.Calls.Any(c => c.Request is not null),
        ["constants"] = spec.Constants.Select(c => new ScriptObject { ["doc"] = Comment(c.Provenance.Doc, ""), ["name"] = Macro(c.Name), ["value"] = Number(c.Value) }).ToArray(),
        ["enums"] = spec.Enums.Where(e => e.Values.Any(v => v.Value is not null)).Select(Enumeration).ToArray(),
        ["records"] = _types.Ordered().Select(Record).ToArray(),
        ["calls"] = spec.Calls.SelectMany(Calls).ToArray(),
    });

    private ScriptObject Enumeration(EnumType type) => new()
    {
        ["doc"] = Comment(type.Provenance.Doc, ""),
        ["values"] = type.Values.Where(v => v.Value is not null).Select(v => new ScriptObject
        {
            ["name"] = Macro(SymbolName.Of(spec, type, v)),
            ["value"] = ScalarTypes.IsSigned(type.Underlying) ? ((long)v.Value!.Value).ToString(CultureInfo.InvariantCulture) : Number(v.Value!.Value),
            ["doc"] = Comment(v.Provenance.Doc, ""),
        }).ToArray(),
    };

    private ScriptObject Record(RecordType record)
    {
        List<string> lines = [];
        Write(lines, RecordShape.Of(record, _types.AlignmentOf), "\t");
        string type = Tag(record.Name);
        return new ScriptObject
        {
            ["doc"] = Comment(record.Provenance.Doc, ""),
            ["type"] = type,
            ["lines"] = lines,
            ["packed"] = record.Packed,
            ["asserts"] = Asserts(record, type).ToArray(),
            ["masks"] = record.Fields.Where(f => f.Bits is not null).Select(f => new ScriptObject
            {
                ["name"] = Macro($"{record.Name}_{f.Name}_MASK"),
                ["value"] = Number(SymbolName.Mask(f.Bits!)),
                ["doc"] = Comment($"{f.Provenance.Doc}; bits {f.Bits!.High}:{f.Bits.Low} of bits_{f.Offset}", ""),
            }).ToArray(),
        };
    }

    private static IEnumerable<string> Asserts(RecordType record, string type)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"_Static_assert(sizeof(struct {type}) == {record.Size}, \"{record.Name}\");");
        foreach (Field field in record.Fields.Where(f => f.Bits is null))
            yield return string.Create(CultureInfo.InvariantCulture, $"_Static_assert(__builtin_offsetof(struct {type}, {SymbolName.Identifier(field.Name)}) == {field.Offset}, \"{record.Name}.{field.Name}\");");
    }

    private void Write(List<string> lines, IReadOnlyList<Member> members, string indent)
    {
        foreach (Member member in members)
        {
            switch (member)
            {
                case FieldMember field:
                    string count = field.Fields[0] switch { { Count: 0 } => "[]", { Count: > 1 } f => $"[{f.Count.ToString(CultureInfo.InvariantCulture)}]", _ => "" };
                    string doc = field.Fields[0].Bits is null ? field.Fields[0].Provenance.Doc : string.Join(", ", field.Fields.Select(f => $"{f.Name} {f.Bits!.High}:{f.Bits.Low}"));
                    lines.Add($"{indent}{TypeName(field)} {SymbolName.Identifier(field.Name)}{count};{(doc.Length > 0 ? $" /* {Plain(doc)} */" : "")}");
                    break;
                case PaddingMember padding:
                    lines.Add($"{indent}__u8 {padding.Name}[{padding.Size.ToString(CultureInfo.InvariantCulture)}];");
                    break;
                case UnionMember union:
                    string packed = union.Alignment == 1 ? " __attribute__((packed))" : "";
                    lines.Add(indent + "union {");
                    foreach (IReadOnlyList<Member> arm in union.Arms)
                    {
                        lines.Add(indent + "\tstruct {");
                        Write(lines, arm, indent + "\t\t");
                        lines.Add($"{indent}\t}}{packed};");
                    }

                    lines.Add($"{indent}}}{packed};");
                    break;
            }
        }
    }

    private string TypeName(FieldMember member)
    {
        Field field = member.Fields[0];
        if (field.Bits is not null) return $"__u{8 * member.Size}";
        return _types.Scalar(field.Type) is { } scalar ? "__" + scalar : "struct " + Tag(field.Type);
    }

    private IEnumerable<ScriptObject> Calls(Call call)
    {
        string doc = Comment(call.Provenance.Doc, "");
        if (call.Request is { } request)
        {
            string direction = call.Access switch { "r" => "_IOC_READ", "w" => "_IOC_WRITE", "rw" => "_IOC_READ | _IOC_WRITE", _ => "_IOC_NONE" };
            string size = !spec.Framing.EncodesSize || call.Access is "none" or "" ? "0" : call.Argument is { } record ? $"sizeof(struct {Tag(record)})" : call.ScalarSize.ToString(CultureInfo.InvariantCulture);
            yield return new ScriptObject
            {
                ["doc"] = doc,
                ["name"] = Macro(call.Name),
                ["value"] = $"_IOC({direction}, {Number(spec.Framing.IoctlType!.Value)}, {Number(call.Number!.Value)}, {size})",
                ["same"] = Number(request),
            };
        }
        else if (call.Number is { } number)
        {
            yield return new ScriptObject { ["doc"] = doc, ["name"] = Macro(SymbolName.OfNumber(call)), ["value"] = Number(number) };
            if (call.ResponseNumber is { } response) yield return new ScriptObject { ["doc"] = Comment("Response of " + call.Name, ""), ["name"] = Macro(SymbolName.OfResponse(call)), ["value"] = Number(response) };
        }
    }

    private string Macro(string name) => SymbolName.Identifier(PrefixOf(spec) + name).ToUpperInvariant();

    private string Tag(string name) => SymbolName.Identifier(PrefixOf(_types.Owner(name)) + name);

    // Names that C headers have are unique in C; others only in their spec.
    private string PrefixOf(AbiSpec owner) => owner.Headers.Count > 0 ? prefix : $"{prefix}{owner.Name}_";

    private static string Number(ulong value) => value switch
    {
        < 10 => value.ToString(CultureInfo.InvariantCulture),
        <= int.MaxValue => Hex.Of(value),
        <= uint.MaxValue => Hex.Of(value) + "U",
        _ => Hex.Of(value) + "ULL",
    };

    private static string Plain(string text) => text.Replace("*/", "* /", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();

    /// <summary>A comment of as many lines as it needs.</summary>
    private static string Comment(string text, string indent)
    {
        text = Plain(text);
        if (indent.Length + text.Length + 6 <= LineWidth) return $"{indent}/* {text} */";
        List<string> lines = [indent + "/*"];
        string line = indent + " *";
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length + 1 > LineWidth)
            {
                lines.Add(line);
                line = indent + " *";
            }

            line += " " + word;
        }

        return string.Join('\n', lines.Append(line).Append(indent + " */"));
    }
}
