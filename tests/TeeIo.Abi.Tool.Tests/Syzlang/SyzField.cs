namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>A field of a struct or union, or an argument of a call. <paramref name="Mark"/> is its own direction, or empty.</summary>
internal sealed record SyzField(string Name, SyzType Type, string Mark, int Line);
