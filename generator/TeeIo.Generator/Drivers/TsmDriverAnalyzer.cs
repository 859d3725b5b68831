using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace TeeIo.Generator.Drivers;

/// <summary>Names at a class with <c>[TsmDriver]</c> the ops that it doesn't fill yet, or why it can't be a driver. An analyzer, since code fixes are offered for those only.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TsmDriverAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(DriverRules.MissingOp, DriverRules.Unusable);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName(DriverOps.AttributeName) is not { } attribute) return;
            start.RegisterSymbolAction(symbol => Check(symbol, (INamedTypeSymbol)symbol.Symbol, attribute), SymbolKind.NamedType);
        });
    }

    private static void Check(SymbolAnalysisContext context, INamedTypeSymbol type, INamedTypeSymbol attribute)
    {
        AttributeData? mark = type.GetAttributes().FirstOrDefault(a => SymbolEqualityComparer.Default.Equals(a.AttributeClass, attribute));
        if (mark?.ApplicationSyntaxReference?.GetSyntax(context.CancellationToken).FirstAncestorOrSelf<ClassDeclarationSyntax>() is not { } syntax) return;
        Location place = syntax.Identifier.GetLocation();
        string problem = DriverOps.ProblemOf(type, syntax);
        if (problem.Length > 0) context.ReportDiagnostic(Diagnostic.Create(DriverRules.Unusable, place, type.Name, problem));
        else
        {
            foreach (IMethodSymbol op in DriverOps.Of(type).Where(o => DriverOps.OverrideOf(type, o) is not { } filled || DriverOps.IsGenerated(filled)))
            {
                ImmutableDictionary<string, string?> named = ImmutableDictionary<string, string?>.Empty.Add(DriverDiagnostics.Op, op.Name);
                context.ReportDiagnostic(Diagnostic.Create(DriverRules.MissingOp, place, named, type.Name, op.Name));
            }
        }
    }
}
