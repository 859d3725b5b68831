using CsCheck;

namespace TeeIo.Generator.Tests.Properties;

/// <summary>A random ioctl spec: an id, an enumeration, records of all kinds of fields, and a call for each.</summary>
internal sealed record RandomSpec(string Name, IReadOnlyList<RandomRecord> Records)
{
    private const int MostRecords = 6;
    private const int MostFields = 7;
    private const int MostElements = 5;
    private static readonly (string Spec, string C)[] s_plain =
    [
        ("u8", "uint8_t"), ("u16", "uint16_t"), ("u32", "uint32_t"), ("u64", "uint64_t"), ("s8", "int8_t"), ("s16", "int16_t"), ("s32", "int32_t"), ("s64", "int64_t"),
        ("token", "uint64_t"), ("mode", "uint32_t"),
    ];

    // What a record is made of, before names are known: which types, how many elements; an earlier record where there is one.
    private static Gen<(bool IsPacked, (int Type, int Count, bool IsNested)[] Fields)> Shape { get; } =
        from isPacked in Gen.Bool
        from fields in Gen.Select(Gen.Int[0, 1000], Gen.Int[1, MostElements], Gen.Int[0, 3], (type, count, nested) => (type, count, nested == 0)).Array[1, MostFields]
        select (isPacked, fields);

    /// <summary>Any such spec.</summary>
    public static Gen<RandomSpec> Any { get; } =
        from name in Gen.Int[0, 999]
        from shapes in Shape.Array[1, MostRecords]
        select new RandomSpec($"random{name}", Make($"random{name}", shapes));

    /// <summary>Its text.</summary>
    public string Text => $$"""
        abi: {{Name}}
        kind: ioctl
        namespace: Properties.{{CSharpName(Name)}}
        doc: A random spec.
        source: the tests
        status: model
        sides: { client: user, server: kernel }
        framing: { type: 0xAB }
        objects: { file: { class: {{CSharpName(Name)}}File, doc: a file } }
        ids:
          token: { type: u64, doc: a token }
        enums:
          mode:
            doc: How.
            values:
              SLOW: { value: 0, doc: slowly }
              FAST: { value: 3000000000, doc: fast }
        structs:
        {{string.Concat(Records.Select(r => r.Spec))}}calls:
        {{string.Concat(Records.Select((r, i) => $"  DO_{r.Name.ToUpperInvariant()}: {{ nr: {i}, arg: {r.Name}, doc: Does something. }}\n"))}}
        """;

    public override string ToString() => Text;

    /// <summary>The spec as a file.</summary>
    public SpecText File => new($"specs/{Name}.abi.yaml", Text);

    /// <summary>The C# name of a spec or record.</summary>
    public static string CSharpName(string name) => TeeIo.Abi.CSharpNames.Type(name);

    private static RandomRecord[] Make(string spec, (bool IsPacked, (int Type, int Count, bool IsNested)[] Fields)[] shapes)
    {
        var records = new List<RandomRecord>();
        foreach ((bool isPacked, (int Type, int Count, bool IsNested)[] fields) in shapes)
        {
            records.Add(new($"{spec}_r{records.Count}", isPacked, [.. fields.Select((f, i) =>
            {
                if (f.IsNested && records.Count > 0 && records[f.Type % records.Count] is var inner) return new RandomField($"f{i}", inner.Name, "struct " + inner.Name, f.Count);
                (string type, string c) = s_plain[f.Type % s_plain.Length];
                return new RandomField($"f{i}", type, c, f.Count);
            })]));
        }

        return [.. records];
    }
}
