using System.Globalization;
using Scriban.Runtime;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The types that calls reach, as syzkaller describes them. Only those are declared, since it has no use for others; what another spec owns is declared anew, but for ids.</summary>
internal sealed class SyzlangTypes(AbiSet set, AbiSpec spec, SyzlangNames names, SyzlangFiles files, SyzlangConstants constants)
{
    private const string In = "in";
    private readonly AbiSpec[] _visible = [spec, .. spec.Uses.Select(set.Spec).OfType<AbiSpec>()];
    private readonly TypeScope _scope = new(set, spec);
    private readonly HashSet<string> _seen = [];
    private readonly HashSet<string> _seenSets = [];

    /// <summary>Resources of the spec's own ids.</summary>
    public List<ScriptObject> Resources { get; } = [];

    /// <summary>Structs and unions.</summary>
    public List<SyzlangBlock> Blocks { get; } = [];

    /// <summary>Sets of values; syzkaller keeps their names apart from those of types.</summary>
    public List<string> Sets { get; } = [];

    /// <summary>Other specs whose ids are named.</summary>
    public SortedSet<string> Needs { get; } = [];

    /// <summary>The record <paramref name="name"/>.</summary>
    public RecordType Find(string name) => _scope.Record(name)!;

    /// <summary>The record <paramref name="name"/>, declared.</summary>
    public string Record(string name)
    {
        RecordType record = Find(name);
        string type = names.Record(_scope.Owner(name), record);
        if (_seen.Add(type)) Struct(type, record, new Dictionary<string, string>(), null);
        return type;
    }

    /// <summary>A struct of its own for a call that is told by values of another one's record; <paramref name="tail"/> follows it in memory.</summary>
    public void Struct(string type, RecordType record, IReadOnlyDictionary<string, string> replaced, SyzlangField? tail)
    {
        int place = Blocks.Count;
        List<SyzlangField> fields = Fields(type, RecordShape.Of(record, _scope.AlignmentOf), record, replaced);
        if (tail is not null) fields.Add(tail);
        Blocks.Insert(place, new SyzlangBlock(type, record.Provenance.Doc, fields, IsPacked: record.Packed));
    }

    /// <summary>Where a record goes: out if all of it does, else in, and fields that come back are marked.</summary>
    public string Direction(RecordType record)
    {
        Direction[] directions = [.. record.Fields.Where(f => f.Role is not (FieldRole.Zero or FieldRole.Ignored)).Select(DirectionOf).Distinct()];
        return directions is [Model.Direction.Out] ? "out" : In;
    }

    /// <summary>Whether something of the record comes back.</summary>
    public bool ComesBack(RecordType record) => record.Fields.Any(f => DirectionOf(f) != Model.Direction.In);

    /// <summary>The type of a value, in memory or, where <paramref name="isArgument"/>, of a call.</summary>
    public string Value(string name, bool isArgument)
    {
        foreach (AbiSpec owner in _visible)
        {
            if (owner.Ids.FirstOrDefault(i => i.Name == name) is { } id) return Id(owner, id);
            if (owner.Enums.FirstOrDefault(e => e.Name == name) is { } type) return Set(owner, type, isArgument);
            if (owner.Records.Any(r => r.Name == name)) return Record(name);
        }

        if (name == "fd") return name;
        if (isArgument) return "intptr";
        return name == "bool" ? "bool8" : Int(name);
    }

    // The kernel reads a pointer, wherever what it points to goes; and what comes back of a length or a choice is nothing that another call could take.
    private Direction DirectionOf(Field field) => field switch
    {
        { Role: FieldRole.UserPointer or FieldRole.UserMemory } => Model.Direction.In,
        { Direction: Model.Direction.InOut } when field.Role == FieldRole.Length || IsSet(field.Type) => Model.Direction.In,
        _ => field.Direction,
    };

    private bool IsSet(string type) => _visible.Any(s => s.Enums.Any(e => e.Name == type));

    private static string Word(Direction direction) => direction switch { Model.Direction.In => In, Model.Direction.Out => "out", _ => "inout" };

    private List<SyzlangField> Fields(string type, IReadOnlyList<Member> members, RecordType record, IReadOnlyDictionary<string, string> replaced)
    {
        bool isMarked = Direction(record) == In;
        List<SyzlangField> fields = [];
        foreach (Member member in members)
        {
            switch (member)
            {
                case PaddingMember padding:
                    fields.Add(new(padding.Name, Zeros("int8", padding.Size)));
                    break;
                case UnionMember union:
                    string name = string.Create(CultureInfo.InvariantCulture, $"at_{union.Offset}");
                    Union($"{type}_{name}", union, record, replaced);
                    fields.Add(new(name, $"{type}_{name}", isMarked ? Mark(union.Arms.SelectMany(a => a).OfType<FieldMember>().SelectMany(m => m.Fields)) : ""));
                    break;
                case FieldMember { Fields: [var field, ..] } unit:
                    string mark = isMarked ? Mark(unit.Fields) : "";
                    string written = replaced.GetValueOrDefault(field.Name) ?? (field.Bits is null ? Type(record, field) : $"int{8 * unit.Size}");
                    fields.Add(new(SymbolName.Identifier(unit.Name), written, mark));
                    break;
            }
        }

        return fields;
    }

    private string Mark(IEnumerable<Field> fields)
    {
        Direction[] directions = [.. fields.Select(DirectionOf).Distinct()];
        return directions is [var only] ? only == Model.Direction.In ? "" : $"({Word(only)})" : "(inout)";
    }

    private void Union(string type, UnionMember union, RecordType record, IReadOnlyDictionary<string, string> replaced)
    {
        List<SyzlangField> fields = [];
        int place = Blocks.Count;
        for (int i = 0; i < union.Arms.Count; i++)
        {
            if (union.Arms[i] is [FieldMember { Fields: [{ Bits: null } field] }])
            {
                fields.Add(new(SymbolName.Identifier(field.Name), Type(record, field)));
                continue;
            }

            string view = string.Create(CultureInfo.InvariantCulture, $"view_{i}");
            Blocks.Add(new SyzlangBlock($"{type}_{view}", "A view of fields that overlap.", Fields($"{type}_{view}", union.Arms[i], record, replaced), IsPacked: union.Alignment == 1));
            fields.Add(new(view, $"{type}_{view}"));
        }

        Blocks.Insert(place, new SyzlangBlock(type, "Fields that overlap.", fields, IsUnion: true));
    }

    private string Type(RecordType record, Field field)
    {
        switch (field.Role)
        {
            case FieldRole.Size: return $"len[parent, {Int(field.Type)}]";
            case FieldRole.Zero or FieldRole.Ignored: return field.Count == 1 ? $"const[0, {Int(field.Type)}]" : Zeros(Int(field.Type), field.Count);
            case FieldRole.Constant: return $"const[{SyzlangNames.Number(field.Constant)}, {Int(field.Type)}]";
            case FieldRole.Length when field.Direction != Model.Direction.Out && record.Fields.FirstOrDefault(f => f.LengthField == field.Name) is { } measured:
                return $"{(field.Unit == "bytes" ? "bytesize" : "len")}[{SymbolName.Identifier(measured.Name)}, {Int(field.Type)}]";
            case FieldRole.UserPointer:
                string target = Value(field.Target ?? "u8", isArgument: false);
                bool isArray = field.LengthField is not null || target == "int8";
                return $"ptr64[{Word(field.Direction)}, {(isArray ? $"array[{target}]" : target)}]";
            case FieldRole.UserMemory: return field.LengthField is null ? "ptr64[inout, array[int8]]" : "vma64";
        }

        // The fuzzer chooses from a set, and chooses nothing that only comes back.
        string element = field.Type == "fd" ? files.Held(record, field) : field.Direction == Model.Direction.Out && IsSet(field.Type) ? Int(field.Type) : Value(field.Type, isArgument: false);
        return field.Count switch { 1 => element, 0 => $"array[{element}]", _ => $"array[{element}, {field.Count.ToString(CultureInfo.InvariantCulture)}]" };
    }

    private string Id(AbiSpec owner, IdType id)
    {
        if (id.AnyOf.Count > 0)
        {
            string any = names.Own(id.Name);
            if (_seen.Add(any)) Blocks.Add(new SyzlangBlock(any, id.Provenance.Doc, [.. id.AnyOf.Select(i => new SyzlangField(SymbolName.Identifier(i), Value(i, isArgument: false)))], IsUnion: true));
            return any;
        }

        string name = names.Id(owner, id.Name);
        if (owner != spec) Needs.Add(SyzlangDescription.FileName(owner));
        else if (_seen.Add(name)) Resources.Add(new ScriptObject { ["doc"] = SyzlangDescription.Comment(id.Provenance.Doc), ["name"] = name, ["base"] = Int(id.Underlying) });
        return name;
    }

    private string Set(AbiSpec owner, EnumType type, bool isArgument)
    {
        string number = isArgument ? "intptr" : Int(type.Underlying);

        // What is ours alone no kernel knows, and a second name of a number is no second value.
        EnumValue[] values = [.. type.Values.Where(v => v.Value is not null && v.Provenance.Status != AbiStatus.Model).DistinctBy(v => v.Value)];
        if (values.Length == 0) return number;
        string name = names.Own(type.Name);
        if (_seenSets.Add(name))
            Sets.Add($"{name} = {string.Join(", ", values.Select(v => constants.Name(owner, SymbolName.Of(owner, type, v), v.CName ?? (type.CName == CNames.None ? type.CName : null), v.Provenance, v.Value!.Value)))}");
        return isArgument ? $"flags[{name}]" : $"flags[{name}, {number}]";
    }

    private string Int(string type) => "int" + (8 * ScalarTypes.SizeOf(_scope.Scalar(type)!)).ToString(CultureInfo.InvariantCulture);

    private static string Zeros(string type, int count) => $"array[const[0, {type}], {count.ToString(CultureInfo.InvariantCulture)}]";
}
