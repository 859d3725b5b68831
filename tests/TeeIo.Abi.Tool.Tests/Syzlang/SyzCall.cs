namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>A system call, with what tells its use apart behind a dollar.</summary>
internal sealed record SyzCall(string Name, IReadOnlyList<SyzField> Arguments, SyzType? Returns, int Line);
