namespace TeeIo.Abi.Tool.Headers;

/// <summary>A declaration, as clang understands it.</summary>
/// <param name="Kind">Clang's name for what it is.</param>
/// <param name="Name">Its name; null where it has none.</param>
/// <param name="Tag"><c>struct</c> or <c>union</c>, for records.</param>
/// <param name="Type">Its type as it is written.</param>
/// <param name="Meaning">Its type behind the names that typedefs give.</param>
/// <param name="IsComplete">Whether it lists its members.</param>
/// <param name="IsBitField">Whether it is a bit field.</param>
/// <param name="File">The file that it stands in.</param>
/// <param name="Line">Line in that.</param>
/// <param name="Children">What it consists of.</param>
internal sealed record ClangNode(
    string Kind, string? Name, string? Tag, string Type, string Meaning, bool IsComplete, bool IsBitField, string File, int Line, IReadOnlyList<ClangNode> Children);
