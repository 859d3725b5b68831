using Scriban.Runtime;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>A struct or union, with its fields in columns as syzkaller's own formatter has them.</summary>
internal sealed record SyzlangBlock(string Name, string Doc, IReadOnlyList<SyzlangField> Fields, bool IsUnion = false, bool IsPacked = false)
{
    private const int TabWidth = 8;

    /// <summary>For the template.</summary>
    public ScriptObject Model => new()
    {
        ["doc"] = SyzlangDescription.Comment(Doc),
        ["name"] = Name,
        ["open"] = IsUnion ? "[" : "{",
        ["close"] = IsUnion ? "]" : IsPacked ? "} [packed]" : "}",
        ["lines"] = Lines.ToArray(),
    };

    private IEnumerable<string> Lines
    {
        get
        {
            int column = Fields.Max(f => f.Name.Length / TabWidth) + 1;
            return Fields.Select(f => $"\t{f.Name}{new string('\t', column - (f.Name.Length / TabWidth))}{f.Type}{(f.Mark.Length > 0 ? "\t" + f.Mark : "")}");
        }
    }
}
