using System;
using System.Collections.Generic;
using System.Linq;

namespace TeeIo.Abi.Yaml;

/// <summary>A list or map whose end has not been read yet.</summary>
internal sealed class OpenNode(bool isMap, SourceSpan start)
{
    // A map has no items and a list no entries: nothing is ever added to these.
    private static readonly List<YamlNode> _noItems = new();
    private static readonly List<YamlEntry> _noEntries = new();
    private readonly List<YamlNode> _items = isMap ? _noItems : new();
    private readonly List<YamlEntry> _entries = isMap ? new() : _noEntries;
    private HashSet<string>? _keys;
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
            if (IsNew(_key.Text)) _entries.Add(new YamlEntry(_key, node));
            else bag.Report(AbiRules.DuplicateName, _key.Span, "The key", _key.Text, " in this map");
            _key = null;
        }
    }

    public YamlNode Close(SourceSpan end)
    {
        SourceSpan span = start with { EndLine = end.EndLine, EndColumn = end.EndColumn };
        return isMap ? new YamlMap(_entries, span) : new YamlList(_items, span);
    }

    // Most maps have a handful of keys, for which a set costs more than it saves; a hostile one may have a hundred thousand.
    private bool IsNew(string key)
    {
        const int Few = 16;
        if (_entries.Count < Few)
        {
            foreach (YamlEntry entry in _entries)
            {
                if (entry.Key.Text == key) return false;
            }

            return true;
        }

        _keys ??= new HashSet<string>(_entries.Select(e => e.Key.Text), StringComparer.Ordinal);
        return _keys.Add(key);
    }
}
