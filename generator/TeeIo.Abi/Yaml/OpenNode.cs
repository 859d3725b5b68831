using System;
using System.Collections.Generic;

namespace TeeIo.Abi.Yaml;

/// <summary>A list or map whose end has not been read yet.</summary>
internal sealed class OpenNode(bool isMap, SourceSpan start)
{
    private readonly List<YamlNode> _items = new();
    private readonly List<YamlEntry> _entries = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);
    private YamlScalar? _key;

    /// <summary>Whether the next node is a key.</summary>
    public bool WantsKey => isMap && _key is null;

    public void Add(YamlNode node, DiagnosticBag bag)
    {
        if (!isMap)
        {
            _items.Add(node);
        }
        else if (_key is null)
        {
            _key = (YamlScalar)node;
        }
        else
        {
            if (_keys.Add(_key.Text)) _entries.Add(new YamlEntry(_key, node));
            else bag.Report(AbiRules.DuplicateName, _key.Span, "The key", _key.Text, " in this map");
            _key = null;
        }
    }

    public YamlNode Close(SourceSpan end)
    {
        SourceSpan span = start with { EndLine = end.EndLine, EndColumn = end.EndColumn };
        return isMap ? new YamlMap(_entries, span) : new YamlList(_items, span);
    }
}
