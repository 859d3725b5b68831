using System;
using System.Collections.Generic;
using System.Globalization;

namespace TeeIo.Abi.Yaml;

/// <summary>Boils a tree down to its positions.</summary>
internal static class YamlLocations
{
    private static readonly Dictionary<string, SourceMap> _none = new();

    // Recursion is fine here: the reader refused anything deeper than its limit.
    public static SourceMap Of(YamlNode? node)
    {
        SourceSpan own = node is null ? SourceSpan.Start : Own(node);
        return new SourceMap(own, own, Children(node));
    }

    private static SourceSpan Own(YamlNode node)
    {
        if (node is YamlMap map && Name(map) is { } name) return name.Span;
        return node is YamlScalar ? node.Span : node.Span with { EndLine = node.Span.Line, EndColumn = node.Span.Column };
    }

    private static YamlScalar? Name(YamlMap map) => map.Find("name")?.Value as YamlScalar;

    private static Dictionary<string, SourceMap> Children(YamlNode? node)
    {
        if (node is not (YamlMap or YamlList)) return _none;
        Dictionary<string, SourceMap> children = new((node as YamlMap)?.Entries.Count ?? ((YamlList)node).Items.Count, StringComparer.Ordinal);
        if (node is YamlMap map)
        {
            foreach (YamlEntry entry in map.Entries)
                children[entry.Key.Text] = new SourceMap(entry.Value is YamlScalar ? entry.Value.Span : entry.Key.Span, entry.Key.Span, Children(entry.Value));
        }
        else if (node is YamlList list)
        {
            for (int i = 0; i < list.Items.Count; i++)
            {
                string key = list.Items[i] is YamlMap item && Name(item) is { } name ? name.Text : i.ToString(CultureInfo.InvariantCulture);
                if (!children.ContainsKey(key)) children[key] = Of(list.Items[i]);
            }
        }

        return children;
    }
}
