using System.Globalization;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Adds records, and fields to those that the spec has.</summary>
internal sealed class RecordImport(ImportScope scope)
{
    private const int BitsOfAByte = 8;
    private static readonly string[] s_sizes = ["size", "argsz"];
    private readonly Dictionary<string, RecordType> _known = scope.Spec.Records.DistinctBy(r => r.CName ?? r.Name).ToDictionary(r => r.CName ?? r.Name, StringComparer.Ordinal);

    public void Run()
    {
        HashSet<string> added = [];
        foreach (HeaderRecord record in scope.Header.Records)
        {
            if (_known.TryGetValue(record.Name, out RecordType? known)) AddFields(known, record);
            else if (scope.IsNewRecord(record.Name) && IsWanted(record, added) && TryAdd(record)) added.Add(record.Name);
        }

        foreach (HeaderUnion union in scope.Header.Unions.Where(u => scope.IsNewUnion(u.Name)))
            scope.ByHand("union " + union.Name, union.Line, "the language has no unions of their own; write its arms as fields of one 'at:' in the records that hold it, or as a record with this name and 'c: none'");
    }

    // What an inner record holds stands in its outer one, unless that is known and isn't about it.
    private bool IsWanted(HeaderRecord record, HashSet<string> added) => Outer(record.Name).ToList() switch
    {
        [] => true,
        [string outermost, .. List<string> between] => scope.IsSelective && _known.ContainsKey(outermost) && !between.Exists(b => added.Contains(b) || scope.HasRecord(b)),
    };

    private bool TryAdd(HeaderRecord record)
    {
        HeaderMember[] across = [.. record.Members.Where(m => IsAcross(record.Name, m))];
        if (across.Length > 0) return false;
        bool isArgument = scope.Header.Calls.Any(c => scope.Header.ArgumentOf(c) == record.Name);
        bool isVersioned = isArgument && record.Members.Count > 0 && record.Members[0].Name == "size" && scope.Spec.Records.Any(r => r.SizeField is not null);
        string name = record.Name.Replace('.', '_');
        List<string> lines = [$"  {name}:"];
        if (name != record.Name) lines.Add($"    c: {record.Name}");
        lines.Add($"    doc: TODO{scope.SinceLine("    ")}");
        if (record.IsPacked) lines.Add("    packed: true");
        lines.Add($"    size: {Text(record.Size)}");
        if (isVersioned) lines.Add($"    extensible: {{ size-field: size, min: {Text(record.Size)} }}");
        lines.Add("    fields:");
        (string Name, string At, string Type, string More)[] fields = [.. record.Members.Select((m, i) => FieldOf(record.Name, m, isArgument && i == 0))];
        if (fields.Length == 0)
        {
            scope.ByHand("struct " + record.Name, record.Line, "it has no member with a name");
            return false;
        }

        int[] widths = [fields.Max(f => f.Name.Length), fields.Max(f => f.At.Length), fields.Max(f => f.Type.Length)];
        lines.AddRange(fields.Select(f => $"      - {{ {f.Name.PadRight(widths[0])} {f.At.PadRight(widths[1])} {f.Type.PadRight(widths[2])} {f.More} }}"));
        scope.AddItem("structs", record.Line, Places, string.Join('\n', lines));
        scope.Added("struct " + record.Name, record.Line, $"{Text(record.Size)} bytes, {Text(fields.Length)} fields");
        return true;
    }

    private IEnumerable<(string, int)> Places => scope.Header.Records.Where(r => _known.ContainsKey(r.Name)).Select(r => (_known[r.Name].Name, r.Line));

    private (string Name, string At, string Type, string More) FieldOf(string record, HeaderMember member, bool mayBeSize)
    {
        string name = member.Name.Replace('.', '_');
        string cName = name == member.Name ? "" : $"c: {member.Name}, ";
        if (member.Bits is { } bits)
            return ($"name: {name},", $"at: {Text(member.Offset)},", $"type: {CTypes.Scalar((ulong)member.Size, isSigned: false)},", cName + BitsOf(bits) + Role(member.Name, mayBeSize: false));
        if (CTypes.Of(member, RecordNamed, scope.Visible.SelectMany(s => s.Enums)) is not { } type)
        {
            scope.ByHand($"struct {record}.{member.Name}", member.Line, $"the language has no type for '{member.Type}'; write its {Text(member.Size)} bytes at {Text(member.Offset)} as fields");
            type = ("u8", member.Size);
        }

        string count = type.Count switch { 0 => "count: flexible, ", 1 => "", int n => $"count: {Text(n)}, " };
        return ($"name: {name},", $"at: {Text(member.Offset)},", $"type: {type.Type},", cName + count + Role(member.Name, mayBeSize));
    }

    private bool IsAcross(string record, HeaderMember member)
    {
        if (member.Bits is not { } bits || bits.High < BitsOfAByte * member.Size) return false;
        scope.ByHand($"struct {record}.{member.Name}", member.Line, $"its bits {Text(bits.High)} to {Text(bits.Low)}, counted from byte {Text(member.Offset)}, lie in no one '{member.Type}'; write the record's bits as fields of other types");
        return true;
    }

    private static string BitsOf(BitRange bits) => bits.Width == 1 ? $"bits: \"{Text(bits.Low)}\", " : $"bits: \"{Text(bits.High)}:{Text(bits.Low)}\", ";

    private static string Role(string member, bool mayBeSize) => CTypes.RoleOf(member) switch
    {
        FieldRole.Zero => "is: zero",
        FieldRole.Ignored => "is: ignored",
        _ when mayBeSize && s_sizes.Contains(member) => "is: size",
        _ => member.StartsWith("out_", StringComparison.Ordinal) ? "dir: out, doc: TODO" : "doc: TODO",
    };

    private string? RecordNamed(string tag) =>
        scope.RecordNamed(tag) ?? (scope.IsNewRecord(tag) && scope.Header.Records.Any(r => r.Name == tag) ? tag : null);

    private void AddFields(RecordType known, HeaderRecord record)
    {
        string[] place = ["structs", known.Name, "fields"];
        if (scope.Text.Find(place) is not YamlList { Items.Count: > 0 } fields) return;
        Dictionary<string, Field> byName = known.Fields.DistinctBy(f => f.CName ?? f.Name).ToDictionary(f => f.CName ?? f.Name, StringComparer.Ordinal);
        HeaderRecord? old = scope.Old.GetValueOrDefault(record.Name);
        string? before = null;
        foreach (HeaderMember member in record.Members)
        {
            if (byName.TryGetValue(member.Name, out Field? field))
            {
                before = field.Name;
            }
            else if (IsNew(member))
            {
                AddField(known, record, member, fields, before);
            }
        }

        // A spec that names an outer member means its inner ones as well.
        bool IsNew(HeaderMember member) =>
            old?.Members.Any(m => m.Name == member.Name) != true && !Outer(member.Name).Any(o => byName.ContainsKey(o) || scope.HasRecord($"{record.Name}.{o}") || (scope.IsSelective && scope.IsNewRecord($"{record.Name}.{o}")));
    }

    private static IEnumerable<string> Outer(string path)
    {
        for (int dot = path.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = path.IndexOf('.', dot + 1)) yield return path[..dot];
    }

    private void AddField(RecordType known, HeaderRecord record, HeaderMember member, YamlList fields, string? before)
    {
        string item = $"struct {record.Name}.{member.Name}";
        if (known.Fields.FirstOrDefault(f => Overlaps(record, f, member)) is { } hit && !IsOtherView(hit, member))
        {
            if (TryRename(known, record, member, hit)) return;

            // Another view of bytes that the spec has is a choice; what an older header lacked is news, unless the bytes may hold anything.
            bool isAnything = hit is { Type: "u8", Count: > 1 } && hit.Size >= member.Size;
            if (scope.IsSelective && !isAnything) scope.ByHand(item, member.Line, $"it lies where '{hit.Name}' is, at {Text(member.Offset)}; say which is right, or make it another arm of a union");
            return;
        }

        bool isCarried = scope.Spec.Calls.Any(c => c.SubCallOf is { } carrier && scope.Spec.Calls.Any(o => o.Name == carrier && o.Argument == known.Name));
        if (member.Count == 0 && isCarried) return;
        if (IsAcross(record.Name, member)) return;
        (string Name, string At, string Type, string More) field = FieldOf(record.Name, member, mayBeSize: false);
        YamlNode neighbour = fields.Items.FirstOrDefault(i => before is not null && ReferenceEquals(scope.Text.Find("structs", known.Name, "fields", before), i)) ?? fields.Items[before is null ? 0 : ^1];
        scope.Text.InsertBelow(scope.Text.LastLine(neighbour), Line(neighbour, field));
        scope.Added(item, member.Line, $"{field.Type.TrimEnd(',')} at {Text(member.Offset)}");
    }

    private string Line(YamlNode neighbour, (string Name, string At, string Type, string More) field)
    {
        string line = scope.Text.Line(neighbour.Span.Line)[..(neighbour.Span.Column - 1)] + "{ " + field.Name + " ";
        line = line.PadRight(Column("at")) + field.At + " ";
        line = line.PadRight(Column("type")) + field.Type + " ";
        int rest = (neighbour as YamlMap)?.Entries.SkipWhile(e => e.Key.Text != "type").Skip(1).FirstOrDefault()?.Key.Span.Column - 1 ?? 0;
        return line.PadRight(rest) + field.More + scope.SinceEntry + " }";

        int Column(string key) => (neighbour as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == key && e.Key.Span.Line == neighbour.Span.Line)?.Key.Span.Column - 1 ?? 0;
    }

    // Where the header has moved or cut a field, the header's place counts.
    private static bool Overlaps(HeaderRecord record, Field field, HeaderMember member)
    {
        HeaderMember? now = record.Members.FirstOrDefault(m => m.Name == (field.CName ?? field.Name));
        (int first, int end) = now is null ? Place(field.Offset, field.Size, field.Bits) : Place(now.Offset, now.Size, now.Bits);
        (int from, int to) = Place(member.Offset, member.Size, member.Bits);
        return from < end && first < to;

        static (int First, int End) Place(int offset, int size, BitRange? bits) =>
            bits is null ? (BitsOfAByte * offset, BitsOfAByte * (offset + size)) : ((BitsOfAByte * offset) + bits.Low, (BitsOfAByte * offset) + bits.High + 1);
    }

    // One view for each direction may share bytes.
    private static bool IsOtherView(Field field, HeaderMember member) => field.Direction == Direction.Out && field.Offset == member.Offset && field.Size == member.Size;

    private bool TryRename(RecordType known, HeaderRecord record, HeaderMember member, Field hit)
    {
        bool isGone = record.Members.All(m => m.Name != (hit.CName ?? hit.Name) && !m.Name.StartsWith(hit.Name + ".", StringComparison.Ordinal));
        if (!isGone || hit.CName is not null || hit.Offset != member.Offset || hit.Size != member.Size || hit.Bits != member.Bits || scope.Text.Find("structs", known.Name, "fields", hit.Name, "name") is not YamlScalar name) return false;
        scope.Text.Replace(name, member.Name);
        scope.Note(ImportKind.Changed, $"struct {record.Name}.{member.Name}", member.Line, $"name: {hit.Name} → {member.Name}; see whether it still means the same");
        return true;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
