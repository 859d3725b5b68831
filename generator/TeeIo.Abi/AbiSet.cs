using System;
using System.Collections.Generic;
using System.Linq;
using TeeIo.Abi.Checking;
using TeeIo.Abi.Model;
using TeeIo.Abi.Symbols;

namespace TeeIo.Abi;

/// <summary>A whole set of specs, read, laid out and checked.</summary>
/// <param name="Specs">The specs, in the order of their files; those too broken to read are left out.</param>
/// <param name="Diagnostics">Everything that is wrong with any of them, file by file.</param>
/// <param name="Documents">The files as they were read, which know where each item stands.</param>
public sealed record AbiSet(EquatableArray<AbiSpec> Specs, EquatableArray<AbiDiagnostic> Diagnostics, EquatableArray<SpecDocument> Documents)
{
    /// <summary>Loads <paramref name="files"/>.</summary>
    public static AbiSet Load(IEnumerable<(string Path, string Text)> files) => Link(files.Select(f => SpecReader.Read(f.Path, f.Text)).ToArray());

    /// <summary>Lays out and checks <paramref name="documents"/>, which were read before, as one set.</summary>
    public static AbiSet Link(IReadOnlyList<SpecDocument> documents)
    {
        SymbolTable table = SymbolTable.Create(documents.Select(d => d.Spec).OfType<AbiSpec>());
        CheckedSpec[] specs = documents.Select(d => SpecChecker.Check(d, d.Spec is null ? SymbolTable.Empty : table.Slice(d.Spec))).ToArray();
        return new AbiSet(
            new(specs.Select(s => s.Spec).OfType<AbiSpec>()),
            new(specs.SelectMany(s => s.Diagnostics).Concat(SetChecker.Check(documents, specs))),
            new(documents));
    }

    /// <summary>The spec <paramref name="name"/>, or null.</summary>
    public AbiSpec? Spec(string name) => Specs.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.Ordinal));
}
