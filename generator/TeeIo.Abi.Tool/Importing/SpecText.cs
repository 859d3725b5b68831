using TeeIo.Abi.Yaml;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>The text of a spec, edited at the places of its nodes; what isn't edited stays as it is, byte for byte.</summary>
internal sealed class SpecText
{
    private readonly string _newLine;
    private readonly List<string> _lines;
    private readonly YamlNode _root;
    private readonly List<(SourceSpan Span, string Text)> _replacements = [];
    private readonly List<(int After, int Indent, string Text)> _insertions = [];
    private readonly List<(string Section, List<string> Items)> _begun = [];

    /// <summary>The text of <paramref name="path"/>.</summary>
    /// <exception cref="ToolException">It is no YAML.</exception>
    public SpecText(string path, string text)
    {
        _newLine = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        string plain = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        _lines = [.. plain.Split('\n')];
        _root = YamlReader.Read(plain, new DiagnosticBag(path)) ?? throw new ToolException($"{path} is no YAML; 'teeio-abi check' says why");
    }

    /// <summary>The node at <paramref name="place"/>, by keys of maps and by the <c>name</c> of a list's items; null where there is none.</summary>
    public YamlNode? Find(params IEnumerable<string> place)
    {
        YamlNode? node = _root;
        foreach (string step in place)
        {
            node = node switch
            {
                YamlMap map => map.Entries.FirstOrDefault(e => e.Key.Text == step)?.Value,
                YamlList list => list.Items.FirstOrDefault(i => NameOf(i) == step),
                _ => null,
            };
        }

        return node;
    }

    /// <summary>The keys of a map, or the names of a list's items.</summary>
    public IEnumerable<string> Names(params IEnumerable<string> place) => Find(place) switch
    {
        YamlMap map => map.Entries.Select(e => e.Key.Text),
        YamlList list => list.Items.Select(NameOf).OfType<string>(),
        _ => [],
    };

    /// <summary>A line; the first is 1.</summary>
    public string Line(int number) => _lines[number - 1];

    /// <summary>The last line of a node.</summary>
    public int LastLine(YamlNode node) => node switch
    {
        _ when IsFlow(node) => node.Span.EndLine,
        YamlMap { Entries: { Count: > 0 } entries } => LastLine(entries[^1].Value),
        YamlList { Items: { Count: > 0 } items } => LastLine(items[^1]),
        YamlScalar when node.Span.EndLine > node.Span.Line && node.Span.EndColumn == 1 => node.Span.EndLine - 1,
        YamlScalar => node.Span.EndLine,
        _ => node.Span.Line,
    };

    /// <summary>Whether a node is written with brackets.</summary>
    public bool IsFlow(YamlNode node) => node is not YamlScalar && Line(node.Span.Line)[node.Span.Column - 1] is '{' or '[';

    /// <summary>Writes another word in the place of a scalar.</summary>
    public void Replace(YamlNode scalar, string text) => _replacements.Add((scalar.Span, text));

    /// <summary>Puts text before the bracket that closes a node.</summary>
    public void InsertAtEnd(YamlNode flow, string text)
    {
        SourceSpan at = flow.Span with { Line = flow.Span.EndLine, Column = flow.Span.EndColumn - 1, EndColumn = flow.Span.EndColumn - 1 };
        string before = Line(at.Line)[..(at.Column - 1)];
        int column = before.TrimEnd().Length + 1;
        _replacements.Add((at with { Column = column, EndColumn = column }, text));
    }

    /// <summary>Puts lines below another. Of several below one, the deepest come first, else those that were given first.</summary>
    public void InsertBelow(int line, string text) => _insertions.Add((line, text.TrimStart('\n').TakeWhile(c => c == ' ').Count(), text));

    /// <summary>Puts an item into a section that has none.</summary>
    /// <param name="section">Key of the section; it goes to the end where the spec lacks it.</param>
    /// <param name="text">The item's lines.</param>
    public void Begin(string section, string text)
    {
        if (_begun.Find(b => b.Section == section).Items is { } items) items.Add(text);
        else _begun.Add((section, [text]));
    }

    /// <summary>The edited text.</summary>
    public string Apply()
    {
        List<string> lines = [.. _lines];
        foreach ((string section, List<string> items) in _begun)
        {
            // One-line items stand close together.
            string text = string.Join(items.Exists(i => i.Contains('\n', StringComparison.Ordinal)) ? "\n\n" : "\n", items);
            if ((_root as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == section) is { } empty) InsertBelow(empty.Key.Span.Line, text);
            else InsertBelow(_lines.FindLastIndex(l => l.Length > 0) + 1, $"\n{section}:\n{text}");
        }

        foreach ((SourceSpan span, string text) in _replacements.OrderByDescending(r => r.Span.Line).ThenByDescending(r => r.Span.Column))
            lines[span.Line - 1] = lines[span.Line - 1][..(span.Column - 1)] + text + lines[span.Line - 1][(span.EndColumn - 1)..];
        foreach (IGrouping<int, (int After, int Indent, string Text)> below in _insertions.GroupBy(i => i.After).OrderByDescending(g => g.Key))
            lines.InsertRange(below.Key, below.OrderByDescending(i => i.Indent).SelectMany(i => i.Text.Split('\n')));
        return string.Join(_newLine, lines);
    }

    private static string? NameOf(YamlNode node) => ((node as YamlMap)?.Entries.FirstOrDefault(e => e.Key.Text == "name")?.Value as YamlScalar)?.Text;
}
