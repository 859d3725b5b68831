namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>A resource with its base, a definition with its number, or a set with its values.</summary>
internal sealed record SyzNamed(string Name, IReadOnlyList<string> Values, int Line);
