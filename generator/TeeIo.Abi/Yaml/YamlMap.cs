using System.Collections.Generic;

namespace TeeIo.Abi.Yaml;

/// <summary>A map, in the order of the text. No key is there twice.</summary>
internal sealed record YamlMap(IReadOnlyList<YamlEntry> Entries, SourceSpan Span) : YamlNode(Span);
