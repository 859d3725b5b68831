using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Composition;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;
using TeeIo.Generator.Drivers;

namespace TeeIo.Generator.CodeFixes;

/// <summary>Writes the overrides of ops that a <c>[TsmDriver]</c> class doesn't fill yet: one, or all of them.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(FillOpFix))]
[Shared]
public sealed class FillOpFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(DriverDiagnostics.MissingOp);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(static (context, document, diagnostics) => FillAsync(document, diagnostics, context.CancellationToken)!);

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (!diagnostic.Properties.TryGetValue(DriverDiagnostics.Op, out string? op)) continue;
            context.RegisterCodeFix(
                CodeAction.Create($"Fill '{op}'", cancel => FillAsync(context.Document, ImmutableArray.Create(diagnostic), cancel), equivalenceKey: nameof(FillOpFix)), diagnostic);
        }

        // All of a class's ops are reported at its name, so they are all here.
        if (context.Diagnostics.Length > 1)
        {
            ImmutableArray<Diagnostic> all = context.Diagnostics;
            context.RegisterCodeFix(CodeAction.Create("Fill every missing op", cancel => FillAsync(context.Document, all, cancel), equivalenceKey: nameof(FillOpFix) + "All"), all);
        }

        return Task.CompletedTask;
    }

    private static async Task<Document> FillAsync(Document document, ImmutableArray<Diagnostic> diagnostics, CancellationToken cancel)
    {
        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancel).ConfigureAwait(false);
        foreach (IGrouping<ClassDeclarationSyntax, Diagnostic> driver in diagnostics.GroupBy(d => ClassAt(editor.OriginalRoot, d)).Where(g => g.Key is not null)!)
        {
            if (editor.SemanticModel.GetDeclaredSymbol(driver.Key, cancel) is not { } type) continue;
            HashSet<string?> missing = new(driver.Select(d => d.Properties.TryGetValue(DriverDiagnostics.Op, out string? op) ? op : null), StringComparer.Ordinal);
            foreach (IMethodSymbol op in DriverOps.Of(type).Where(o => missing.Contains(o.Name))) editor.AddMember(driver.Key, Override(editor.Generator, op));
        }

        return editor.GetChangedDocument();
    }

    private static ClassDeclarationSyntax? ClassAt(SyntaxNode root, Diagnostic diagnostic) =>
        root.FindToken(diagnostic.Location.SourceSpan.Start).Parent?.FirstAncestorOrSelf<ClassDeclarationSyntax>();

    /// <summary>An override that says that it isn't done. It compiles and is no longer missing, so it fails loudly rather than as an op that the driver chose not to have.</summary>
    private static SyntaxNode Override(SyntaxGenerator generator, IMethodSymbol op)
    {
        SyntaxNode exception = generator.ObjectCreationExpression(generator.DottedName("System.NotImplementedException"));
        SyntaxNode method = generator.MethodDeclaration(
            op.Name,
            op.Parameters.Select(p => generator.ParameterDeclaration(p)),
            returnType: generator.TypeExpression(op.ReturnType),
            accessibility: op.DeclaredAccessibility,
            modifiers: DeclarationModifiers.Override,
            statements: new[] { generator.ThrowStatement(exception) });
        return method.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation, Simplifier.AddImportsAnnotation);
    }
}
