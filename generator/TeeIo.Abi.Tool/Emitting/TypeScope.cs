using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The types that a spec sees, for writing them in another language.</summary>
internal sealed class TypeScope(AbiSet set, AbiSpec spec)
{
    private readonly AbiSpec[] _visible = [spec, .. spec.Uses.Select(set.Spec).OfType<AbiSpec>()];

    /// <summary>The record <paramref name="name"/>, or null.</summary>
    public RecordType? Record(string name) => _visible.SelectMany(s => s.Records).FirstOrDefault(r => r.Name == name);

    /// <summary>The spec's own records, each after those that it contains.</summary>
    public IReadOnlyList<RecordType> Ordered()
    {
        List<RecordType> ordered = [];
        foreach (RecordType record in spec.Records) Add(record);
        return ordered;

        void Add(RecordType record)
        {
            if (ordered.Contains(record)) return;
            foreach (RecordType inner in spec.Records.Where(r => r != record && record.Fields.Any(f => f.Type == r.Name))) Add(inner);
            ordered.Add(record);
        }
    }

    /// <summary>The spec that declares the record <paramref name="name"/>.</summary>
    public AbiSpec Owner(string name) => _visible.First(s => s.Records.Any(r => r.Name == name));

    /// <summary>The other specs whose records the spec's own contain.</summary>
    public IEnumerable<AbiSpec> Used => _visible.Skip(1).Where(s => s.Records.Select(r => r.Name).Intersect(spec.Records.SelectMany(r => r.Fields).Select(f => f.Type)).Any());

    /// <summary>The scalar that a value of type <paramref name="name"/> is on the wire, or null where it is a record.</summary>
    public string? Scalar(string name)
    {
        if (ScalarTypes.SizeOf(name) > 0) return name switch { "fd" => "s32", "bool" => "u8", _ => name };
        return _visible.SelectMany(s => s.Enums).FirstOrDefault(e => e.Name == name)?.Underlying ?? _visible.SelectMany(s => s.Ids).FirstOrDefault(i => i.Name == name)?.Underlying;
    }

    /// <summary>How a field is aligned where its record isn't packed.</summary>
    public int AlignmentOf(Field field) => Scalar(field.Type) is { } scalar ? ScalarTypes.SizeOf(scalar) : Math.Max(1, Record(field.Type)?.Alignment ?? 1);
}
