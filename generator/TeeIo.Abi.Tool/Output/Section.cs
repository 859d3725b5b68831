namespace TeeIo.Abi.Tool.Output;

/// <summary>A table of what a command found.</summary>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Columns">Names of the columns, which are the keys in JSON.</param>
/// <param name="Rows">The rows; null where a row has nothing to say.</param>
internal sealed record Section(string Key, string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows);
