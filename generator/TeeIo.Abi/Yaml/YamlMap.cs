using System.Collections.Generic;

namespace TeeIo.Abi.Yaml;

/// <summary>A map, in the order of the text. No key is there twice.</summary>
internal sealed record YamlMap(List<YamlEntry> Entries, SourceSpan Span) : YamlNode(Span)
{
    /// <summary>The entry of <paramref name="key"/>, or null.</summary>
    public YamlEntry? Find(string key)
    {
        foreach (YamlEntry entry in Entries)
        {
            if (entry.Key.Text == key) return entry;
        }

        return null;
    }
}
