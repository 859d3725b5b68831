using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;

namespace TeeIo.Abi.Symbols;

/// <summary>What specs export to each other. It compares by value, and holds no docs and no positions: an edit that changes no exported fact leaves it equal.</summary>
/// <param name="Specs">What each spec exports, in the order of their names.</param>
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
        List<AbiSpec> unique = new();
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (AbiSpec spec in specs)
        {
            if (names.Add(spec.Name)) unique.Add(spec);
        }

        unique.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        SymbolTable table = new(new(SymbolBuilder.Build(unique)), default, default);
        return table with { Errnos = table.Spec(ErrnoName)?.Type(ErrnoName)?.Values ?? default };
    }

    /// <summary>What <paramref name="spec"/> can see under its <c>uses:</c>, and the errnos.</summary>
    public SymbolTable Slice(AbiSpec spec)
    {
        if (spec.Uses.Count == 0) return new(default, Errnos, default);
        string[] uses = spec.Uses.Where(u => u != spec.Name).Distinct(StringComparer.Ordinal).ToArray();
        IEnumerable<SpecSymbols> used = uses.Select(Spec).OfType<SpecSymbols>();
        IEnumerable<string> meant =
            from name in uses.Where(u => Spec(u) is null).Take(MostHinted)
            let other = Suggestion.For(name, Specs.Select(s => s.Name).Where(n => n != spec.Name))
            where other is not null
            select $"{name}={other}";
        return new(new(used.OrderBy(s => s.Name, StringComparer.Ordinal)), Errnos, new(meant));
    }

    /// <summary>The spec that a slice's spec may mean by <paramref name="name"/>, or null.</summary>
    public string? MeantBy(string name) => Meant.FirstOrDefault(m => m.StartsWith(name + "=", StringComparison.Ordinal))?.Substring(name.Length + 1);

    /// <summary>The spec <paramref name="name"/>, or null.</summary>
    public SpecSymbols? Spec(string name)
    {
        // They are in order.
        int low = 0;
        int high = Specs.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int sign = string.CompareOrdinal(Specs[middle].Name, name);
            if (sign == 0) return Specs[middle];
            if (sign < 0) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }
}
