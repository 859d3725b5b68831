namespace TeeIo.Abi.Tool.Headers;

/// <summary>A structure of a header.</summary>
/// <param name="Name">Its tag, or <c>tag.member</c> where it is the type of a member and has none.</param>
/// <param name="Size">Bytes.</param>
/// <param name="IsPacked">Whether members follow each other without alignment.</param>
/// <param name="Members">Its members, in order.</param>
/// <param name="Line">Line in the header.</param>
internal sealed record HeaderRecord(string Name, int Size, bool IsPacked, IReadOnlyList<HeaderMember> Members, int Line);
