using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator;

/// <summary>What specs need to know of each other.</summary>
/// <param name="Symbols">What each exports.</param>
/// <param name="Flows">The flows: they are merged, so a flow needs those that it extends, not only what they export.</param>
/// <param name="Owners">Path of the first file of each name, as <c>name=path</c>.</param>
internal sealed record SpecSet(SymbolTable Symbols, EquatableArray<AbiSpec> Flows, EquatableArray<string> Owners)
{
    /// <summary>Collects <paramref name="sources"/>.</summary>
    public static SpecSet Create(IEnumerable<SpecSource> sources)
    {
        (string Path, AbiSpec Spec)[] specs = sources.Where(s => s.Document.Spec is not null).Select(s => (s.Document.Path, s.Document.Spec!)).ToArray();
        return new SpecSet(
            SymbolTable.Create(specs.Select(s => s.Spec)),
            new(specs.Select(s => s.Spec).Where(s => s.Flow is not null)),
            new(specs.GroupBy(s => s.Spec.Name, StringComparer.Ordinal).Select(g => Owner(g.Key, g.First().Path))));
    }

    /// <summary>What <paramref name="source"/> depends on.</summary>
    public SpecInput Resolve(SpecSource source)
    {
        if (source.Document.Spec is not { } spec) return new SpecInput(source, SymbolTable.Empty, default);
        // Of two specs of one name, which is an error, only the first is emitted: their files would have the same names.
        bool isOwner = Owners.Contains(Owner(spec.Name, source.Document.Path));
        return new SpecInput(source with { IsEmitted = source.IsEmitted && isOwner }, Symbols.Slice(spec), new(Extended(spec)));
    }

    private static string Owner(string name, string path) => $"{name}={path}";

    private IEnumerable<AbiSpec> Extended(AbiSpec spec)
    {
        HashSet<string> seen = new(StringComparer.Ordinal) { spec.Name };
        string? next = spec.Flow?.Extends;
        while (next is not null && seen.Add(next) && Flows.FirstOrDefault(f => f.Name == next) is { } flow)
        {
            yield return flow;
            next = flow.Flow?.Extends;
        }
    }
}
