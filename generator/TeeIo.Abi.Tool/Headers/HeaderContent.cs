namespace TeeIo.Abi.Tool.Headers;

/// <summary>What a C header defines itself, each in the order of the text.</summary>
/// <param name="File">The header.</param>
/// <param name="Macros">Macros that are integers and no request numbers.</param>
/// <param name="Enums">Enumerations.</param>
/// <param name="Records">Structures.</param>
/// <param name="Calls">Request numbers of ioctls.</param>
internal sealed record HeaderContent(
    HeaderFile File, IReadOnlyList<HeaderNumber> Macros, IReadOnlyList<HeaderEnum> Enums, IReadOnlyList<HeaderRecord> Records, IReadOnlyList<HeaderCall> Calls)
{
    /// <summary>The names of all numbers.</summary>
    public IEnumerable<string> NumberNames => Macros.Select(m => m.Name).Concat(Enums.SelectMany(e => e.Values).Select(v => v.Name)).Concat(Calls.Select(c => c.Name));
}
