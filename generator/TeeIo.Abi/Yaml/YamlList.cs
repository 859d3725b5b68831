using System.Collections.Generic;

namespace TeeIo.Abi.Yaml;

/// <summary>A list.</summary>
internal sealed record YamlList(IReadOnlyList<YamlNode> Items, SourceSpan Span) : YamlNode(Span);
