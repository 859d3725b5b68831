using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Importing;

/// <summary>Brings a spec to a C header: numbers that changed, and what is new. Nothing is removed, and no line that isn't concerned changes.</summary>
/// <param name="reader">Reads headers.</param>
/// <param name="compiler">The C compiler.</param>
internal sealed class Importer(HeaderReader reader, string compiler)
{
    /// <summary>Imports.</summary>
    /// <param name="folder">The specs.</param>
    /// <param name="spec">The one that is brought to the header.</param>
    /// <param name="text">Its text.</param>
    /// <param name="header">The header.</param>
    /// <param name="beyond">An older header; only what it lacks is new. Null where all is.</param>
    /// <param name="since">The version that brought what is new; null where nobody says.</param>
    /// <returns>The new text, and what was done and is left.</returns>
    /// <exception cref="ToolException">The header can't be read, or what came of it would be a wrong spec.</exception>
    public (string Text, IReadOnlyList<ImportFinding> Findings) Import(
        SpecFolder folder, (AbiSpec Spec, SpecDocument Document) spec, string text, HeaderFile header, HeaderFile? beyond, string? since)
    {
        SpecText edited = new(spec.Document.Path, text);
        ImportScope scope = new(folder, spec.Spec, edited, reader.Read(header), beyond is null ? null : reader.Read(beyond), since);
        FactImport.Run(scope, Compare(spec, header));
        new EnumImport(scope).Run();
        new RecordImport(scope).Run();
        new CallImport(scope).Run();
        if (!scope.Findings.Any(f => f.Kind is ImportKind.Added or ImportKind.Changed)) return (text, scope.Findings);
        string now = edited.Apply();
        DemandRight(folder, spec.Document, now);
        return (now, scope.Findings);
    }

    // Other headers of the spec are beside the one that is imported.
    private HeaderComparison Compare((AbiSpec Spec, SpecDocument Document) spec, HeaderFile header)
    {
        HeaderFact[] facts = [.. HeaderFacts.Of(spec.Spec, spec.Document)];
        IReadOnlyList<ulong?> values = new HeaderProbe(compiler, header.Root).Values([.. spec.Spec.Headers], [.. facts.Select(f => f.Expression)]);
        return HeaderComparison.Of(header.Root, HeaderVersion.Of(header.Root), facts, values);
    }

    private static void DemandRight(SpecFolder folder, SpecDocument document, string now)
    {
        AbiSet set = AbiSet.Link([.. folder.Set.Documents.Select(d => d.Path == document.Path ? SpecReader.Read(d.Path, now) : d)]);
        if (set.Diagnostics.FirstOrDefault(d => d.Severity == AbiSeverity.Error) is { } error)
            throw new ToolException($"what came of the import would be wrong, so nothing was written: {error}; write that item by hand and import again");
    }
}
