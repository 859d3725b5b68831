namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>A struct or union.</summary>
internal sealed record SyzStruct(string Name, bool IsUnion, bool IsPacked, IReadOnlyList<SyzField> Fields, int Line);
