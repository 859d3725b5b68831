using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Model;
using TeeIo.Abi.Reading;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi.Checking;

/// <summary>What the checks of one spec share: the spec with its layout, what its names may refer to, and where to report.</summary>
internal sealed class CheckScope
{
    private readonly Dictionary<string, TypeSymbol> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CallSymbol> _calls = new(StringComparer.Ordinal);
    private readonly SymbolTable _visible;
    private readonly SourceMap _locations;
    private readonly DiagnosticBag _bag;

    public CheckScope(AbiSpec spec, SymbolTable visible, SourceMap locations, DiagnosticBag bag)
    {
        (Spec, _visible, _locations, _bag) = (spec, visible, locations, bag);
        Errnos = visible.Errnos.Select(NameOf).ToArray();
        Own = SymbolBuilder.Build(spec, visible);
        Used = spec.Uses.Where(u => u != spec.Name).Select(visible.Spec).OfType<SpecSymbols>().ToArray();
        LockNames = new(All.SelectMany(s => s.Locks), StringComparer.Ordinal);
        ObjectNames = new(All.SelectMany(s => s.Objects).Select(o => o.Name), StringComparer.Ordinal);
        InterfaceNames = new(All.SelectMany(s => s.Interfaces).Select(i => i.Name), StringComparer.Ordinal);
        foreach (SpecSymbols symbols in All)
        {
            foreach (TypeSymbol type in symbols.Types)
            {
                if (!_types.ContainsKey(type.Name)) _types.Add(type.Name, type);
            }

            foreach (CallSymbol call in symbols.Calls)
            {
                string name = CallName(symbols, call);
                if (!_calls.ContainsKey(name)) _calls.Add(name, call);
            }
        }
    }

    /// <summary>Names of the errnos; none where no spec lists them.</summary>
    public IReadOnlyList<string> Errnos { get; }

    public AbiSpec Spec { get; }

    public SpecSymbols Own { get; }

    public IReadOnlyList<SpecSymbols> Used { get; }

    /// <summary>The spec's own symbols, then those of the specs that it uses.</summary>
    public IEnumerable<SpecSymbols> All => new[] { Own }.Concat(Used);

    /// <summary>The spec that <paramref name="name"/> may be a slip of, or null.</summary>
    public string? SpecMeantBy(string name) => _visible.MeantBy(name);

    public TypeSymbol? Type(string name) => _types.TryGetValue(name, out TypeSymbol? type) ? type : null;

    // Two interfaces may well have an op of the same name, so an op goes by both.
    private static string CallName(SpecSymbols spec, CallSymbol call) => spec.Kind == AbiKind.Ops ? $"{call.Owner}.{call.Name}" : call.Name;

    public CallSymbol? Call(string name) => _calls.TryGetValue(name, out CallSymbol? call) ? call : null;

    public IEnumerable<string> TypeNames(TypeKind kind) => _types.Values.Where(t => t.Kind == kind).Select(t => t.Name);

    public HashSet<string> LockNames { get; }

    public HashSet<string> ObjectNames { get; }

    public HashSet<string> InterfaceNames { get; }

    public IEnumerable<string> CallNames => _calls.Keys;

    /// <summary>Whether nothing more will be reported, so that looking for hints is idle.</summary>
    public bool IsFull => _bag.IsFull;

    public void Report(AbiRule rule, string[] place, params object[] arguments) => _bag.Report(rule, _locations.Find(place), arguments);

    /// <summary>Reports at the key of an item, where <see cref="Report"/> does at its value.</summary>
    public void ReportName(AbiRule rule, string[] place, params object[] arguments) => _bag.Report(rule, _locations.FindName(place), arguments);

    /// <summary>Refuses a reference to something that isn't there.</summary>
    public void ReportUnknown(string kind, string name, IEnumerable<string> there, params string[] place)
    {
        if (!IsFull) Report(AbiRules.UnknownReference, place, kind, name, "here or in a spec under 'uses:'; " + Suggestion.Hint(name, there));
    }

    /// <summary>The record <paramref name="name"/>, or null after refusing what is none; null for null and for what couldn't be read.</summary>
    public TypeSymbol? Require(TypeKind kind, string? name, params string[] place)
    {
        if (string.IsNullOrEmpty(name)) return null;
        if (Type(name!) is { } type && type.Kind == kind) return type;
        ReportUnknown(kind == TypeKind.Record ? "record" : kind == TypeKind.Enum ? "enum" : "id", name!, TypeNames(kind), place);
        return null;
    }

    /// <summary>Reports the second of each two things whose keys are equal.</summary>
    public static void ForEachTwin<T, TKey>(IEnumerable<T> items, Func<T, TKey> keyOf, Action<T, T> report)
        where TKey : notnull
    {
        Dictionary<TKey, T> seen = new();
        foreach (T item in items)
        {
            TKey key = keyOf(item);
            if (seen.TryGetValue(key, out T? first)) report(first, item);
            else seen.Add(key, item);
        }
    }

    /// <summary>The name in a value's <c>NAME=number</c>.</summary>
    public static string NameOf(string value) => value.Substring(0, value.LastIndexOf('='));

    public static string[] At(params string[] names) => names;

    public static string[] Place(string[] place, params string[] rest) => place.Concat(rest).ToArray();
}
