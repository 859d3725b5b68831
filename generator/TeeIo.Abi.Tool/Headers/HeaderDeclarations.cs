namespace TeeIo.Abi.Tool.Headers;

/// <summary>What a header declares, by the syntax tree: names, types and places, without numbers.</summary>
internal sealed class HeaderDeclarations
{
    private readonly List<DeclaredRecord> _records = [];
    private readonly List<ClangNode> _enums = [];
    private readonly List<ClangNode> _unions = [];

    /// <summary>The declarations of <paramref name="nodes"/> that stand in <paramref name="file"/>.</summary>
    public HeaderDeclarations(IEnumerable<ClangNode> nodes, string file)
    {
        foreach (ClangNode node in nodes.Where(n => n.File == file))
        {
            if (node.Kind == "EnumDecl") _enums.Add(node);
            else if (node is { Kind: "RecordDecl", Tag: "struct", IsComplete: true, Name: { } name }) Add(name, node);
            else if (node is { Kind: "RecordDecl", Tag: "union", IsComplete: true, Name: not null }) _unions.Add(node);
        }
    }

    /// <summary>Enumerations.</summary>
    public IReadOnlyList<ClangNode> Enums => _enums;

    /// <summary>Unions that have a tag.</summary>
    public IReadOnlyList<ClangNode> Unions => _unions;

    /// <summary>Structures, inner ones without a tag as <c>tag.member</c>.</summary>
    public IReadOnlyList<DeclaredRecord> Records => _records;

    private void Add(string name, ClangNode node)
    {
        List<(string, ClangNode)> members = [];
        List<(string Name, ClangNode Node)> inner = [];
        Collect(node, "");
        _records.Add(new DeclaredRecord(name, node.Line, node.Children.Any(c => c.Kind == "PackedAttr"), members));
        foreach ((string member, ClangNode type) in inner) Add($"{name}.{member}", type);

        // The type of a member stands before the member.
        void Collect(ClangNode record, string prefix)
        {
            ClangNode? type = null;
            foreach (ClangNode child in record.Children)
            {
                if (child.Kind == "EnumDecl") _enums.Add(child);
                if (child is { Kind: "RecordDecl", IsComplete: true }) type = child;
                if (child is { Kind: "RecordDecl", IsComplete: true, Tag: "struct", Name: { } tag }) Add(tag, child);
                if (child.Kind != "FieldDecl") continue;
                bool isInline = type is { Name: null } && child.Type.Contains(" at ", StringComparison.Ordinal) && !child.Type.Contains('[', StringComparison.Ordinal);
                if (isInline && child.Name is { } own && type!.Tag == "struct" && prefix.Length == 0) inner.Add((own, type));
                if (isInline) Collect(type!, child.Name is null ? prefix : $"{prefix}{child.Name}.");
                else if (child.Name is not null) members.Add((prefix + child.Name, child));
            }
        }
    }
}
