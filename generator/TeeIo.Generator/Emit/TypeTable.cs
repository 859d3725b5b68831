using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using TeeIo.Abi;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Generator.Emit;

/// <summary>The types that a spec sees: its own, then those of the specs that it uses.</summary>
internal sealed class TypeTable
{
    private static readonly Provenance _nothing = new("", "", AbiStatus.Upstream, null);

    private readonly Dictionary<string, TypeInfo> _types = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ambiguous;

    public TypeTable(AbiSpec spec, SymbolTable visible)
    {
        foreach (TypeInfo type in Own(spec).Concat(spec.Uses.Select(visible.Spec).OfType<SpecSymbols>().SelectMany(s => s.Types).Select(Foreign)))
        {
            if (!_types.ContainsKey(type.Name)) _types.Add(type.Name, type);
        }

        _ambiguous = new(
            _types.Values.Where(t => t.Kind != TypeKind.Handle).GroupBy(t => t.CSharpName, StringComparer.Ordinal).Where(g => g.Select(t => t.Namespace).Distinct().Count() > 1).Select(g => g.Key),
            StringComparer.Ordinal);
        HashSet<string> methods = new(spec.Calls.Select(c => c.MethodName), StringComparer.Ordinal);
        _ambiguous.UnionWith(_types.Values.Where(t => t.Kind == TypeKind.Record && methods.Contains(t.CSharpName)).Select(t => t.CSharpName));
    }

    /// <summary>The type <paramref name="name"/>, which a checked spec has.</summary>
    public TypeInfo this[string name] => Find(name) ?? throw new ArgumentException($"There is no type '{name}'.", nameof(name));

    /// <summary>The type <paramref name="name"/>, or null for scalars.</summary>
    public TypeInfo? Find(string name) => _types.TryGetValue(name, out TypeInfo? type) ? type : null;

    /// <summary>Whether the type's C# name alone could mean another: one of another namespace, or a method that is named as its record.</summary>
    public bool IsAmbiguous(TypeInfo type) => _ambiguous.Contains(type.CSharpName);

    /// <summary>Bytes of the type <paramref name="name"/>.</summary>
    public int SizeOf(string name) => Find(name)?.Size ?? ScalarTypes.SizeOf(name);

    private static IEnumerable<TypeInfo> Own(AbiSpec spec)
    {
        foreach (IdType id in spec.Ids) yield return Scalar(spec, id.Name, TypeKind.Id, CSharpNames.Id(id.Name), id.Underlying, "", default);
        foreach (EnumType type in spec.Enums)
        {
            yield return Scalar(spec, type.Name, TypeKind.Enum, CSharpNames.Type(type.Name), type.Underlying, type.Prefix, new(type.Values
                .Where(v => v.Value is not null).Select(v => $"{v.Name}={v.Value!.Value.ToString(CultureInfo.InvariantCulture)}")));
        }

        foreach (RecordType record in spec.Records)
            yield return new TypeInfo(record.Name, TypeKind.Record, spec.Namespace, CSharpNames.Type(record.Name), record.Size, "", "", default, record.Fields);
        foreach (HandleType handle in spec.Handles) yield return new TypeInfo(handle.Name, TypeKind.Handle, spec.Namespace, handle.CSharpType, 0, "", "", default, default);
    }

    private static TypeInfo Scalar(AbiSpec spec, string name, TypeKind kind, string csharp, string underlying, string prefix, EquatableArray<string> values) =>
        new(name, kind, spec.Namespace, csharp, ScalarTypes.SizeOf(underlying), underlying, prefix, values, default);

    // Of a record in another spec only places are known, which is all that anybody needs of it.
    private static TypeInfo Foreign(TypeSymbol symbol) => new(
        symbol.Name, symbol.Kind, symbol.Namespace, symbol.CSharpName, symbol.Size, symbol.Underlying, symbol.Prefix,
        new(symbol.Values.Where(v => !v.EndsWith("=" + AbiNumber.Unknown, StringComparison.Ordinal))),
        new(symbol.Fields.Select(f => new Field(f.Name, f.Type, f.Count, f.Offset, f.Size, null, f.Bits, f.Role, Direction.In, f.Constant, null, null, null, null, _nothing))));
}
