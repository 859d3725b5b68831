namespace TeeIo.Abi.Tool.Headers;

/// <summary>What a C header defines itself, each in the order of the text.</summary>
/// <param name="File">The header.</param>
/// <param name="Macros">Macros that are integers and no request numbers.</param>
/// <param name="Enums">Enumerations.</param>
/// <param name="Records">Structures.</param>
/// <param name="Unions">Unions with a tag.</param>
/// <param name="Calls">Request numbers of ioctls.</param>
internal sealed record HeaderContent(
    HeaderFile File, IReadOnlyList<HeaderNumber> Macros, IReadOnlyList<HeaderEnum> Enums, IReadOnlyList<HeaderRecord> Records, IReadOnlyList<HeaderUnion> Unions, IReadOnlyList<HeaderCall> Calls)
{
    private const string Struct = "struct ";

    /// <summary>The tag of the structure that a call takes: the one that the header names for it, else the one that has the call's name; null where there is none.</summary>
    public string? ArgumentOf(HeaderCall call)
    {
        if (call.Argument is { } type && !type.StartsWith(Struct, StringComparison.Ordinal)) return null;
        string tag = call.Argument?[Struct.Length..].Trim() ?? call.Name.ToLowerInvariant();
        return call.Argument is not null || Records.Any(r => r.Name == tag) ? tag : null;
    }

    /// <summary>The names of all numbers.</summary>
    public IEnumerable<string> NumberNames => Macros.Select(m => m.Name).Concat(Enums.SelectMany(e => e.Values).Select(v => v.Name)).Concat(Calls.Select(c => c.Name));
}
