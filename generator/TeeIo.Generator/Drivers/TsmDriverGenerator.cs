using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Scriban.Runtime;
using TeeIo.Generator.Emit;

namespace TeeIo.Generator.Drivers;

/// <summary>Lets a class with <c>[TsmDriver]</c> be built and tried before all of its ops are filled: those that are missing fail, and are named at the class.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TsmDriverGenerator : IIncrementalGenerator
{
    private const string AttributeName = "TeeIo.Tsm.TsmDriverAttribute";
    private const string ResultName = "TeeIo.Boundaries.SysResult";
    private const string Template = "driver-stubs";

    private static readonly SymbolDisplayFormat _qualified = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<DriverClass> drivers = context.SyntaxProvider
            .ForAttributeWithMetadataName(AttributeName, static (node, _) => node is ClassDeclarationSyntax, static (found, _) => Read(found))
            .WithTrackingName(StepNames.Drivers);

        context.RegisterSourceOutput(drivers, static (output, driver) =>
        {
            if (driver.Problem.Length > 0)
            {
                output.ReportDiagnostic(Diagnostic.Create(DriverRules.Unusable, driver.Place.ToLocation(), driver.Name, driver.Problem));
                return;
            }

            foreach (MissingOp op in driver.Missing)
            {
                ImmutableDictionary<string, string?> named = ImmutableDictionary<string, string?>.Empty.Add(DriverDiagnostics.Op, op.Name);
                output.ReportDiagnostic(Diagnostic.Create(DriverRules.MissingOp, driver.Place.ToLocation(), named, driver.Name, op.Name));
            }

            if (driver.Missing.Count > 0) output.AddSource(driver.HintName, Stubs(driver));
        });
    }

    private static DriverClass Read(GeneratorAttributeSyntaxContext found)
    {
        ClassDeclarationSyntax syntax = (ClassDeclarationSyntax)found.TargetNode;
        INamedTypeSymbol type = (INamedTypeSymbol)found.TargetSymbol;
        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        string declaration = syntax.Identifier.Text + syntax.TypeParameterList?.ToString();
        IMethodSymbol[] ops = AbstractOps(type).ToArray();
        string problem =
            !syntax.Modifiers.Any(SyntaxKind.PartialKeyword) ? "must be partial" :
            type.ContainingType is not null ? "must stand in a namespace, not in another type" :
            type.IsAbstract ? "must not be abstract" :
            ops.Length == 0 ? "must derive from a generated driver class (HostTsmDriver, GuestTsmDriver, …)" : "";
        HashSet<string> filled = new(ops.Where(o => IsFilled(type, o)).Select(o => o.Name), System.StringComparer.Ordinal);
        return new DriverClass(
            space, declaration, syntax.Identifier.Text, problem, SourcePlace.Of(syntax.Identifier.GetLocation()), new(ops.Where(o => !filled.Contains(o.Name)).Select(Missing)));
    }

    private static IEnumerable<IMethodSymbol> AbstractOps(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? from = type.BaseType; from is not null; from = from.BaseType)
        {
            foreach (IMethodSymbol method in from.GetMembers().OfType<IMethodSymbol>().Where(m => m.IsAbstract && m.ReturnType.ToDisplayString() == ResultName))
                yield return method;
        }
    }

    private static bool IsFilled(INamedTypeSymbol type, IMethodSymbol op)
    {
        for (INamedTypeSymbol? from = type; from is not null && !SymbolEqualityComparer.Default.Equals(from, op.ContainingType); from = from.BaseType)
        {
            if (from.GetMembers(op.Name).OfType<IMethodSymbol>().Any(m => SymbolEqualityComparer.Default.Equals(m.OverriddenMethod?.OriginalDefinition, op.OriginalDefinition)))
                return true;
        }

        return false;
    }

    private static MissingOp Missing(IMethodSymbol op) => new(
        op.Name,
        SyntaxFacts.GetText(op.DeclaredAccessibility),
        string.Join(", ", op.Parameters.Select(p => $"{p.Type.ToDisplayString(_qualified)} {p.Name}")));

    private static string Stubs(DriverClass driver)
    {
        using TemplateRenderer renderer = new();
        renderer.Render(Template, new ScriptObject
        {
            ["attribute"] = GeneratedCode.Attribute,
            ["namespace"] = driver.Namespace,
            ["declaration"] = driver.Declaration,
            ["ops"] = driver.Missing.Select(o => new ScriptObject { ["name"] = o.Name, ["accessibility"] = o.Accessibility, ["parameters"] = o.Parameters }).ToArray(),
        });
        return renderer.Text.Copy();
    }
}
