using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;

namespace TeeIo.Abi.Symbols;

/// <summary>What specs export to each other. It compares by value, and holds no docs and no positions: an edit that changes no exported fact leaves it equal.</summary>
/// <param name="Specs">What each spec exports.</param>
/// <param name="Errnos">The errnos, as <c>EPERM=1</c>, which every spec sees; empty where no spec lists them.</param>
/// <param name="Meant">In a slice: what the names under <c>uses:</c> may mean that are no spec's, as <c>iomufd=iommufd</c>.</param>
public sealed record SymbolTable(EquatableArray<SpecSymbols> Specs, EquatableArray<string> Errnos, EquatableArray<string> Meant)
{
    private const int MostHinted = 20;

    /// <summary>Name of the spec, and of its enumeration, that lists the errnos.</summary>
    public const string ErrnoName = "errno";

    /// <summary>Nothing.</summary>
    public static SymbolTable Empty { get; } = new(default, default, default);

    /// <summary>Lays out the records of all <paramref name="specs"/>, across specs, and collects what each exports. Of specs of one name the first counts.</summary>
    public static SymbolTable Create(IEnumerable<AbiSpec> specs)
    {
        AbiSpec[] unique = specs.GroupBy(s => s.Name, StringComparer.Ordinal).Select(g => g.First()).OrderBy(s => s.Name, StringComparer.Ordinal).ToArray();
        EquatableArray<SpecSymbols> symbols = new(SymbolBuilder.Build(unique));
        return new(symbols, symbols.FirstOrDefault(s => s.Name == ErrnoName)?.Type(ErrnoName)?.Values ?? default, default);
    }

    /// <summary>What <paramref name="spec"/> can see under its <c>uses:</c>, and the errnos.</summary>
    public SymbolTable Slice(AbiSpec spec)
    {
        HashSet<string> uses = new(spec.Uses, StringComparer.Ordinal);
        IEnumerable<string> others = Specs.Select(s => s.Name).Where(n => n != spec.Name);
        IEnumerable<string> unknown = uses.Except(Specs.Select(s => s.Name)).Take(MostHinted);
        return new(
            new(Specs.Where(s => uses.Contains(s.Name) && s.Name != spec.Name)),
            Errnos,
            new(unknown.Select(u => (Name: u, Meant: Suggestion.For(u, others))).Where(p => p.Meant is not null).Select(p => $"{p.Name}={p.Meant}")));
    }

    /// <summary>The spec that a slice's spec may mean by <paramref name="name"/>, or null.</summary>
    public string? MeantBy(string name) => Meant.FirstOrDefault(m => m.StartsWith(name + "=", StringComparison.Ordinal))?.Substring(name.Length + 1);

    /// <summary>The spec <paramref name="name"/>, or null.</summary>
    public SpecSymbols? Spec(string name) => Specs.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal));
}
