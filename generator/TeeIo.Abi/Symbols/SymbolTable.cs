using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Symbols;

/// <summary>What specs export to each other. It compares by value, and holds no docs and no positions: an edit that changes no exported fact leaves it equal.</summary>
public sealed record SymbolTable(EquatableArray<SpecSymbols> Specs)
{
    /// <summary>Nothing.</summary>
    public static SymbolTable Empty { get; } = new(default(EquatableArray<SpecSymbols>));

    /// <summary>Lays out the records of all <paramref name="specs"/>, across specs, and collects what each exports. Of specs of one name the first counts.</summary>
    public static SymbolTable Create(IEnumerable<AbiSpec> specs)
    {
        AbiSpec[] unique = specs.GroupBy(s => s.Name, StringComparer.Ordinal).Select(g => g.First()).OrderBy(s => s.Name, StringComparer.Ordinal).ToArray();
        return new(new EquatableArray<SpecSymbols>(SymbolBuilder.Build(unique)));
    }

    /// <summary>What <paramref name="spec"/> can see under its <c>uses:</c>.</summary>
    public SymbolTable Slice(AbiSpec spec)
    {
        HashSet<string> uses = new(spec.Uses, StringComparer.Ordinal);
        return new(new EquatableArray<SpecSymbols>(Specs.Where(s => uses.Contains(s.Name) && s.Name != spec.Name)));
    }

    /// <summary>The spec <paramref name="name"/>, or null.</summary>
    public SpecSymbols? Spec(string name) => Specs.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal));
}
