namespace TeeIo.Abi.Yaml;

/// <summary>A scalar.</summary>
internal sealed record YamlScalar(string Text, SourceSpan Span) : YamlNode(Span);
