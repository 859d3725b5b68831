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

/// <summary>Gives a method of a <c>[TsmDriver]</c> class, which has an op's name and another signature, the op's signature. Its body stays.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(OpSignatureFix))]
[Shared]
public sealed class OpSignatureFix : CodeFixProvider
{
    /// <summary>The compiler's own: nothing to override, another accessibility or return type, and an op that is hidden since <c>override</c> is missing.</summary>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create("CS0115", "CS0507", "CS0508", "CS0114");

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root) return;
        if (await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model) return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (root.FindToken(diagnostic.Location.SourceSpan.Start).Parent?.FirstAncestorOrSelf<MethodDeclarationSyntax>() is not { } method) continue;
            if (model.GetDeclaredSymbol(method, context.CancellationToken) is not { } written || OpOf(written) is not { } op) continue;
            context.RegisterCodeFix(
                CodeAction.Create($"Give '{op.Name}' the signature of the op", cancel => CorrectAsync(context.Document, method, op, cancel), equivalenceKey: nameof(OpSignatureFix)), diagnostic);
        }
    }

    /// <summary>The op that <paramref name="method"/> is meant to fill: of its name, and filled by no other method.</summary>
    private static IMethodSymbol? OpOf(IMethodSymbol method)
    {
        INamedTypeSymbol type = method.ContainingType;
        if (!type.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == DriverOps.AttributeName)) return null;
        return DriverOps.Of(type).FirstOrDefault(o => o.Name == method.Name && (DriverOps.OverrideOf(type, o) is not { } filled || DriverOps.IsGenerated(filled) || SymbolEqualityComparer.Default.Equals(filled, method)));
    }

    private static async Task<Document> CorrectAsync(Document document, MethodDeclarationSyntax method, IMethodSymbol op, CancellationToken cancel)
    {
        DocumentEditor editor = await DocumentEditor.CreateAsync(document, cancel).ConfigureAwait(false);
        SyntaxGenerator generator = editor.Generator;

        // Parameters keep the names that the body knows.
        SeparatedSyntaxList<ParameterSyntax> written = method.ParameterList.Parameters;
        bool keepsNames = written.Count == op.Parameters.Length;
        IEnumerable<ParameterSyntax> parameters = op.Parameters.Select((p, i) =>
            (ParameterSyntax)generator.ParameterDeclaration(keepsNames ? written[i].Identifier.ValueText : p.Name, generator.TypeExpression(p.Type)));
        SyntaxNode corrected = generator.WithAccessibility(generator.WithModifiers(method, DeclarationModifiers.Override), op.DeclaredAccessibility);
        corrected = generator.WithType(corrected, generator.TypeExpression(op.ReturnType));
        corrected = ((MethodDeclarationSyntax)corrected).WithParameterList(SyntaxFactory.ParameterList(SyntaxFactory.SeparatedList(parameters)).WithTriviaFrom(method.ParameterList));
        editor.ReplaceNode(method, corrected.WithAdditionalAnnotations(Formatter.Annotation, Simplifier.Annotation, Simplifier.AddImportsAnnotation));
        return editor.GetChangedDocument();
    }
}
