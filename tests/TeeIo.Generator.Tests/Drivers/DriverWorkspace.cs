using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace TeeIo.Generator.Tests.Drivers;

/// <summary>A vendor's project as an editor has it open: one file of source, and what the generator adds to it.</summary>
internal sealed class DriverWorkspace : IDisposable
{
    private readonly AdhocWorkspace _workspace = new();

    /// <summary>The file with <paramref name="source"/>, in a project of its own.</summary>
    public Document DocumentOf(string source)
    {
        ProjectId id = ProjectId.CreateNewId();
        Solution solution = _workspace.CurrentSolution
            .AddProject(ProjectInfo.Create(
                id, VersionStamp.Default, "Acme", "Acme", LanguageNames.CSharp,
                compilationOptions: DriverFixture.Sdk.Options, parseOptions: GeneratorHarness.ParseOptions,
                metadataReferences: [.. DriverFixture.Sdk.References, DriverFixture.Sdk.ToMetadataReference()]));
        foreach (GeneratedSourceResult stubs in GeneratorHarness.Result(DriverFixture.Driver().RunGenerators(DriverFixture.With(source))).GeneratedSources)
            solution = solution.AddDocument(DocumentId.CreateNewId(id), stubs.HintName, stubs.SourceText, filePath: stubs.HintName);
        DocumentId document = DocumentId.CreateNewId(id);
        return solution.AddDocument(document, "Acme.cs", source, filePath: "Acme.cs").GetDocument(document)!;
    }

    /// <summary>The fixes that <paramref name="provider"/> offers where the first of <paramref name="diagnostics"/> stands, and what each makes of <paramref name="source"/>.</summary>
    public async Task<List<(string Title, string Source)>> FixesOf(CodeFixProvider provider, string source, ImmutableArray<Diagnostic> diagnostics)
    {
        Document document = DocumentOf(source);
        List<CodeAction> actions = [];
        CodeFixContext context = new(document, diagnostics[0].Location.SourceSpan, diagnostics, (action, _) => actions.Add(action), CancellationToken.None);
        await provider.RegisterCodeFixesAsync(context);
        List<(string, string)> results = [];
        foreach (CodeAction action in actions) results.Add((action.Title, await Apply(action, document)));
        return results;
    }

    /// <summary>The file <paramref name="document"/> after <paramref name="action"/>.</summary>
    public static async Task<string> Apply(CodeAction action, Document document)
    {
        ApplyChangesOperation change = Assert.Single((await action.GetOperationsAsync(CancellationToken.None)).OfType<ApplyChangesOperation>());
        return (await change.ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString().ReplaceLineEndings("\n");
    }

    public void Dispose() => _workspace.Dispose();
}
