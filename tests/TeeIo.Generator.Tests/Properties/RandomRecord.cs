namespace TeeIo.Generator.Tests.Properties;

/// <summary>A random record, as a spec and as C declare it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsPacked">Whether its fields follow each other without padding.</param>
/// <param name="Fields">Its fields.</param>
internal sealed record RandomRecord(string Name, bool IsPacked, IReadOnlyList<RandomField> Fields)
{
    public string Spec => $"  {Name}:\n    doc: A record.\n{(IsPacked ? "    packed: true\n" : "")}    fields:\n"
        + string.Concat(Fields.Select(f => $"      - {{ name: {f.Name}, type: {f.Type}, {(f.Count > 1 ? $"count: {f.Count}, " : "")}doc: a field }}\n"));

    public string C => $"struct {(IsPacked ? "__attribute__((packed)) " : "")}{Name} {{ "
        + string.Concat(Fields.Select(f => $"{f.CType} {f.Name}{(f.Count > 1 ? $"[{f.Count}]" : "")}; ")) + "};\n";
}
