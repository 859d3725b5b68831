namespace TeeIo.Abi.Yaml;

/// <summary>A node of the text: a scalar, a list or a map, and where it stands.</summary>
internal abstract record YamlNode(SourceSpan Span);
