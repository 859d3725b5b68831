namespace TeeIo.Abi.Tool.Importing;

/// <summary>What an import did, or leaves to its user.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Item">The item: its name in C.</param>
/// <param name="Where">File and line: of the header where it is new, of the spec where that has it.</param>
/// <param name="Text">What is new, what it was and is, or what to do.</param>
internal sealed record ImportFinding(ImportKind Kind, string Item, string Where, string Text);
