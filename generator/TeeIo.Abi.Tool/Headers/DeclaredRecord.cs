namespace TeeIo.Abi.Tool.Headers;

/// <summary>A structure as it is declared, before its layout is known.</summary>
/// <param name="Name">Its tag, or <c>tag.member</c>.</param>
/// <param name="Line">Line in the header.</param>
/// <param name="IsPacked">Whether it is packed.</param>
/// <param name="Members">Its members with their paths.</param>
internal sealed record DeclaredRecord(string Name, int Line, bool IsPacked, IReadOnlyList<(string Path, ClangNode Node)> Members);
