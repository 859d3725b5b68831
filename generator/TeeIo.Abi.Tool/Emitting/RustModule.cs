using System.Globalization;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The facts of a spec as a Rust module, with what must hold of it asserted.</summary>
internal sealed class RustModule(AbiSet set, AbiSpec spec)
{
    private static readonly HashSet<string> s_keywords =
    [
        "as", "async", "await", "box", "break", "const", "continue", "crate", "do", "dyn", "else", "enum", "extern", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
        "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "super", "trait", "try", "type", "typeof", "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];

    private readonly TypeScope _types = new(set, spec);

    /// <summary>Name of the module's file.</summary>
    public static string FileName(AbiSpec spec) => Module(spec) + ".rs";

    /// <summary>The file that holds the modules of <paramref name="specs"/> together.</summary>
    public static string Root(IEnumerable<AbiSpec> specs) => string.Concat(specs.Select(s => $"pub mod {Module(s)};\n"));

    /// <summary>Its text.</summary>
    public string Text => Template.Render("rust-module", new ScriptObject
    {
        ["doc"] = Doc("//!", spec.Provenance.Doc),
        ["source"] = Doc("//!", "Source: " + spec.Provenance.Source + "."),
        ["name"] = spec.Name,
        ["constants"] = spec.Constants.Select(c => Constant(c.Name, c.Value, c.Value <= uint.MaxValue ? "u32" : "u64", c.Provenance.Doc))
            .Concat(spec.Enums.SelectMany(e => e.Values.Where(v => v.Value is not null).Select(v => Constant(SymbolName.Of(spec, e, v), v.Value!.Value, Scalar(e.Underlying), v.Provenance.Doc))))
            .Concat(spec.Calls.SelectMany(Numbers)).ToArray(),
        ["records"] = _types.Ordered().Select(Record).ToArray(),
    });

    private static IEnumerable<ScriptObject> Numbers(Call call)
    {
        if (call.Request is { } request) yield return Constant(call.Name, request, "u32", call.Provenance.Doc);
        else if (call.Number is { } number) yield return Constant(SymbolName.OfNumber(call), number, number <= uint.MaxValue ? "u32" : "u64", call.Provenance.Doc);
        if (call.ResponseNumber is { } response) yield return Constant(SymbolName.OfResponse(call), response, "u32", "Response of " + call.Name + ".");
    }

    private static ScriptObject Constant(string name, ulong value, string type, string doc) => new()
    {
        ["doc"] = Doc("///", doc),
        ["name"] = SymbolName.Identifier(name).ToUpperInvariant(),
        ["type"] = type,
        ["value"] = type[0] == 'i' ? ((long)value).ToString(CultureInfo.InvariantCulture) : value < 10 ? value.ToString(CultureInfo.InvariantCulture) : "0x" + value.ToString("x", CultureInfo.InvariantCulture),
    };

    private ScriptObject Record(RecordType record)
    {
        string name = TypeName(record.Name);
        List<ScriptObject> types = [];
        List<string> asserts = [];
        IReadOnlyList<string> members = Members(RecordShape.Of(record, _types.AlignmentOf), name, record.Packed, types, asserts, name, "");
        types.Add(Type("struct", name, members, record.Packed, record.Provenance.Doc));
        return new ScriptObject
        {
            ["types"] = types,
            ["asserts"] = asserts.Prepend(string.Create(CultureInfo.InvariantCulture, $"const _: () = assert!(core::mem::size_of::<{name}>() == {record.Size});")).ToArray(),
            ["masks"] = record.Fields.Where(f => f.Bits is not null).Select(f => Constant(
                $"{record.Name}_{f.Name}_MASK", SymbolName.Mask(f.Bits!), $"u{8 * f.Size}", $"{f.Provenance.Doc}; bits {f.Bits!.High}:{f.Bits.Low} of bits_{f.Offset}")).ToArray(),
        };
    }

    private List<string> Members(IReadOnlyList<Member> members, string owner, bool isPacked, List<ScriptObject> types, List<string> asserts, string root, string path)
    {
        List<string> lines = [];
        foreach (Member member in members)
        {
            switch (member)
            {
                case FieldMember field:
                    string name = MemberName(field.Name);
                    string doc = field.Fields[0].Bits is null ? field.Fields[0].Provenance.Doc : string.Join(", ", field.Fields.Select(f => $"{f.Name} {f.Bits!.High}:{f.Bits.Low}"));
                    if (doc.Length > 0) lines.Add(Doc("///", doc));
                    lines.Add($"pub {name}: {FieldType(field)},");
                    asserts.Add(string.Create(CultureInfo.InvariantCulture, $"const _: () = assert!(core::mem::offset_of!({root}, {path}{name}) == {field.Offset});"));
                    break;
                case PaddingMember padding:
                    lines.Add($"pub {padding.Name}: [u8; {padding.Size.ToString(CultureInfo.InvariantCulture)}],");
                    break;
                case UnionMember union:
                    string unionName = string.Create(CultureInfo.InvariantCulture, $"{owner}_at_{union.Offset}");
                    string memberName = string.Create(CultureInfo.InvariantCulture, $"at_{union.Offset}");
                    List<string> arms = [];
                    for (int i = 0; i < union.Arms.Count; i++)
                    {
                        string arm = string.Create(CultureInfo.InvariantCulture, $"view_{i}");
                        types.Add(Type("struct", $"{unionName}_{arm}", Members(union.Arms[i], $"{unionName}_{arm}", isPacked, types, asserts, root, $"{path}{memberName}.{arm}."), isPacked, $"A view of {memberName}."));
                        arms.Add($"pub {arm}: {unionName}_{arm},");
                    }

                    types.Add(Type("union", unionName, arms, isPacked, "Fields that overlap."));
                    lines.Add($"pub {memberName}: {unionName},");
                    break;
            }
        }

        return lines;
    }

    private static ScriptObject Type(string kind, string name, IReadOnlyList<string> members, bool isPacked, string doc) => new()
    {
        ["doc"] = Doc("///", doc),
        ["kind"] = kind,
        ["name"] = name,
        ["repr"] = isPacked ? "C, packed" : "C",
        ["members"] = members,
    };

    private string FieldType(FieldMember member)
    {
        Field field = member.Fields[0];
        if (field.Bits is not null) return $"u{8 * member.Size}";
        string type = _types.Scalar(field.Type) is { } scalar ? Scalar(scalar) : _types.Owner(field.Type) is { } owner && owner != spec ? $"super::{Module(owner)}::{TypeName(field.Type)}" : TypeName(field.Type);
        return field.Count == 1 ? type : $"[{type}; {field.Count.ToString(CultureInfo.InvariantCulture)}]";
    }

    private static string Scalar(string type) => type[0] == 's' ? "i" + type[1..] : type;

    private static string Module(AbiSpec spec) => SymbolName.Identifier(spec.Name);

    private static string TypeName(string name) => SymbolName.Identifier(name);

    private static string MemberName(string name)
    {
        string identifier = SymbolName.Identifier(name);
        return s_keywords.Contains(identifier) ? "r#" + identifier : identifier;
    }

    private static string Doc(string mark, string text) => $"{mark} {text.ReplaceLineEndings(" ").Trim()}";
}
