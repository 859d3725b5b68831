using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool.Emitting;

/// <summary>The constants that a description names: where they come from, and their values.</summary>
internal sealed class SyzlangConstants(AbiSpec spec)
{
    /// <summary>The architectures that the values hold for: the layouts are those of 64 bits, the numbers of ioctls those of the generic encoding.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["amd64", "arm64", "riscv64"];

    private readonly SortedDictionary<string, ulong> _values = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ulong> _defines = new(StringComparer.Ordinal);

    /// <summary>Headers of the kernel that have the others.</summary>
    public SortedSet<string> Includes { get; } = [.. spec.Headers];

    /// <summary>Constants that no header has, with their numbers.</summary>
    public IEnumerable<string> Defines => _defines.Select(d => $"{d.Key}\t{SyzlangNames.Number(d.Value)}");

    /// <summary>The name of a constant, which is described by it from now on.</summary>
    public string Name(AbiSpec owner, string name, string? cName, Provenance provenance, ulong value)
    {
        bool isInHeader = SyzlangNames.IsInHeader(owner, cName, provenance);
        string constant = isInHeader ? cName ?? name : SyzlangNames.Constant(owner, name);
        _values[constant] = value;
        if (isInHeader) Includes.UnionWith(owner.Headers);
        else _defines[constant] = value;
        return constant;
    }

    /// <summary>The values in the form that syzkaller keeps what it took from headers in.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"# Written by \"teeio-abi emit syzlang\"; the facts stand in the spec {spec.Name}.\narches = {string.Join(", ", Architectures)}\n{string.Concat(_values.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Key} = {v.Value}\n")))}");
}
