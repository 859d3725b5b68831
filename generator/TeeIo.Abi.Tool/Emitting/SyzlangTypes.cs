using System.Globalization;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The types that calls reach, as syzkaller describes them. Only those are declared, since it has no use for others.</summary>
internal sealed class SyzlangTypes(AbiSet set, AbiSpec spec)
{
    private readonly AbiSpec[] _visible = [spec, .. spec.Uses.Select(set.Spec).OfType<AbiSpec>()];
    private readonly TypeScope _scope = new(set, spec);
    private readonly HashSet<string> _seen = [];

    /// <summary>Resources of the spec's own ids.</summary>
    public List<ScriptObject> Resources { get; } = [];

    /// <summary>Structs and unions.</summary>
    public List<ScriptObject> Records { get; } = [];

    /// <summary>Sets of values.</summary>
    public List<string> Sets { get; } = [];

    /// <summary>Numbers of constants that no header has.</summary>
    public List<string> Defines { get; } = [];

    /// <summary>Other specs whose types are used.</summary>
    public SortedSet<string> Needs { get; } = [];

    /// <summary>The value of a constant, with a definition where no header has it.</summary>
    public string Constant(AbiSpec owner, string name, string? cName, Provenance provenance, ulong value)
    {
        bool isInHeader = SyzlangNames.IsInHeader(owner, cName, provenance);
        string constant = isInHeader ? cName ?? name : SyzlangNames.Constant(owner, name);
        if (!isInHeader && owner == spec && _seen.Add("define " + constant)) Defines.Add($"{constant} {Hex.Of(value)}");
        return constant;
    }

    /// <summary>The record <paramref name="name"/>.</summary>
    public RecordType Find(string name) => _scope.Record(name)!;

    /// <summary>The record <paramref name="name"/>, declared.</summary>
    public string Record(string name)
    {
        AbiSpec owner = _scope.Owner(name);
        RecordType record = _scope.Record(name)!;
        string type = SyzlangNames.Record(owner, record);
        if (IsOwn(owner) && _seen.Add(type)) Struct(type, record, new Dictionary<string, string>(), null);
        return type;
    }

    /// <summary>A struct of its own for a call that is told by values of another one's record; <paramref name="tail"/> follows it in memory.</summary>
    public void Struct(string type, RecordType record, IReadOnlyDictionary<string, string> replaced, string? tail)
    {
        int place = Records.Count;
        List<string> lines = Lines(type, RecordShape.Of(record, _scope.AlignmentOf), record, replaced);
        if (tail is not null) lines.Add($"\tdata\t{tail}");
        Records.Insert(place, Block(type, record.Provenance.Doc, lines, "{", record.Packed ? "} [packed]" : "}"));
    }

    /// <summary>Where the values of <paramref name="record"/> go.</summary>
    public static string Direction(RecordType record)
    {
        Direction[] directions = [.. record.Fields.Where(f => f.Role is not (FieldRole.Zero or FieldRole.Ignored)).Select(f => f.Direction).Distinct()];
        return directions is [var only] ? Word(only) : directions.Length == 0 ? "in" : "inout";
    }

    /// <summary>The type of a value, in memory or, where <paramref name="isArgument"/>, of a call.</summary>
    public string Value(string name, bool isArgument)
    {
        if (name == "fd") return name;
        foreach (AbiSpec owner in _visible)
        {
            if (owner.Ids.FirstOrDefault(i => i.Name == name) is { } id) return Id(owner, id);
            if (owner.Enums.FirstOrDefault(e => e.Name == name) is { } type) return Set(owner, type, isArgument);
            if (owner.Records.Any(r => r.Name == name)) return Record(name);
        }

        if (isArgument) return "intptr";
        return name == "bool" ? "bool8" : Int(name);
    }

    private List<string> Lines(string type, IReadOnlyList<Member> members, RecordType record, IReadOnlyDictionary<string, string> replaced)
    {
        bool isMixed = Direction(record) == "inout";
        List<string> lines = [];
        foreach (Member member in members)
        {
            switch (member)
            {
                case PaddingMember padding:
                    lines.Add($"\t{padding.Name}\t{Zeros("int8", padding.Size)}{(isMixed ? "\t(in)" : "")}");
                    break;
                case UnionMember union:
                    string name = string.Create(CultureInfo.InvariantCulture, $"at_{union.Offset}");
                    Union($"{type}_{name}", union, record, replaced);
                    lines.Add($"\t{name}\t{type}_{name}");
                    break;
                case FieldMember { Fields: [var field, ..] } unit:
                    string written = replaced.GetValueOrDefault(field.Name) ?? (field.Bits is null ? Type(record, field) : $"int{8 * unit.Size}");
                    string direction = isMixed && field.Direction != Model.Direction.InOut ? $"\t({Word(field.Direction)})" : "";
                    lines.Add($"\t{SymbolName.Identifier(unit.Name)}\t{written}{direction}");
                    break;
            }
        }

        return lines;
    }

    private void Union(string type, UnionMember union, RecordType record, IReadOnlyDictionary<string, string> replaced)
    {
        if (!_seen.Add(type)) return;
        List<string> lines = [];
        for (int i = 0; i < union.Arms.Count; i++)
        {
            if (union.Arms[i] is [FieldMember { Fields: [{ Bits: null } field] }])
            {
                lines.Add($"\t{SymbolName.Identifier(field.Name)}\t{Type(record, field)}");
                continue;
            }

            string view = string.Create(CultureInfo.InvariantCulture, $"view_{i}");
            Records.Add(Block($"{type}_{view}", "A view of fields that overlap.", Lines($"{type}_{view}", union.Arms[i], record, replaced), "{", union.Alignment == 1 ? "} [packed]" : "}"));
            lines.Add($"\t{view}\t{type}_{view}");
        }

        Records.Add(Block(type, "Fields that overlap.", lines, "[", "]"));
    }

    private string Type(RecordType record, Field field)
    {
        switch (field.Role)
        {
            case FieldRole.Size: return $"len[parent, {Int(field.Type)}]";
            case FieldRole.Zero or FieldRole.Ignored: return field.Count == 1 ? $"const[0, {Int(field.Type)}]" : Zeros(Int(field.Type), field.Count);
            case FieldRole.Constant: return $"const[{Hex.Of(field.Constant)}, {Int(field.Type)}]";
            case FieldRole.Length when field.Direction != Model.Direction.Out && record.Fields.FirstOrDefault(f => f.LengthField == field.Name) is { } measured:
                return $"{(field.Unit == "bytes" ? "bytesize" : "len")}[{SymbolName.Identifier(measured.Name)}, {Int(field.Type)}]";
            case FieldRole.UserPointer:
                string target = Value(field.Target ?? "u8", isArgument: false);
                return $"ptr64[{Word(field.Direction)}, {(field.LengthField is null ? target : $"array[{target}]")}]";
            case FieldRole.UserMemory: return field.LengthField is null ? "ptr64[inout, array[int8]]" : "vma64";
        }

        string element = Value(field.Type, isArgument: false);
        return field.Count switch { 1 => element, 0 => $"array[{element}]", _ => $"array[{element}, {field.Count.ToString(CultureInfo.InvariantCulture)}]" };
    }

    private string Id(AbiSpec owner, IdType id)
    {
        string name = SyzlangNames.Local(owner, id.Name);
        if (!IsOwn(owner) || !_seen.Add(name)) return name;
        if (id.AnyOf.Count == 0)
            Resources.Add(new ScriptObject { ["doc"] = Comment(id.Provenance.Doc), ["name"] = name, ["base"] = Int(id.Underlying) });
        else
            Records.Add(Block(name, id.Provenance.Doc, [.. id.AnyOf.Select(i => $"\t{SymbolName.Identifier(i)}\t{Value(i, isArgument: false)}")], "[", "]"));
        return name;
    }

    private string Set(AbiSpec owner, EnumType type, bool isArgument)
    {
        string number = isArgument ? "intptr" : Int(type.Underlying);

        // What is ours alone no kernel knows, and a second name of a number is no second value.
        EnumValue[] values = [.. type.Values.Where(v => v.Value is not null && v.Provenance.Status != AbiStatus.Model).DistinctBy(v => v.Value)];
        if (values.Length == 0) return number;
        string name = SyzlangNames.Local(owner, type.Name);
        if (IsOwn(owner) && _seen.Add(name))
            Sets.Add($"{name} = {string.Join(", ", values.Select(v => Constant(owner, SymbolName.Of(owner, type, v), v.CName ?? (type.CName == "none" ? type.CName : null), v.Provenance, v.Value!.Value)))}");
        return isArgument ? $"flags[{name}]" : $"flags[{name}, {number}]";
    }

    private bool IsOwn(AbiSpec owner)
    {
        if (owner != spec) Needs.Add(SyzlangDescription.FileName(owner));
        return owner == spec;
    }

    private string Int(string type) => "int" + (8 * ScalarTypes.SizeOf(_scope.Scalar(type)!)).ToString(CultureInfo.InvariantCulture);

    private static string Zeros(string type, int count) => $"array[const[0, {type}], {count.ToString(CultureInfo.InvariantCulture)}]";

    private static string Word(Direction direction) => direction switch { Model.Direction.In => "in", Model.Direction.Out => "out", _ => "inout" };

    /// <summary>One line of comment.</summary>
    public static string Comment(string text) => "# " + text.ReplaceLineEndings(" ").Trim();

    private static ScriptObject Block(string name, string doc, List<string> lines, string open, string close) =>
        new() { ["doc"] = Comment(doc), ["name"] = name, ["lines"] = lines, ["open"] = open, ["close"] = close };
}
