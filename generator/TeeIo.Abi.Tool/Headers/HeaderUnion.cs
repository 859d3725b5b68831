namespace TeeIo.Abi.Tool.Headers;

/// <summary>A union with a tag of a header.</summary>
/// <param name="Name">Its tag.</param>
/// <param name="Line">Line in the header.</param>
internal sealed record HeaderUnion(string Name, int Line);
