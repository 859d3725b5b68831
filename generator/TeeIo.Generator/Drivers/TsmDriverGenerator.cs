using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Scriban.Runtime;
using TeeIo.Abi.Model;
using TeeIo.Generator.Emit;

namespace TeeIo.Generator.Drivers;

/// <summary>Lets a class with <c>[TsmDriver]</c> be built and tried before all of its ops are filled: those that are missing fail. <see cref="TsmDriverAnalyzer"/> names them.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class TsmDriverGenerator : IIncrementalGenerator
{
    private const string Template = "driver-stubs";

    private static readonly SymbolDisplayFormat _qualified = SymbolDisplayFormat.FullyQualifiedFormat;

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<DriverClass> drivers = context.SyntaxProvider
            .ForAttributeWithMetadataName(DriverOps.AttributeName, static (node, _) => node is ClassDeclarationSyntax, static (found, _) => Read(found))
            .WithTrackingName(StepNames.Drivers);

        context.RegisterSourceOutput(drivers, static (output, driver) =>
        {
            if (driver.Missing.Count > 0) output.AddSource(driver.HintName, Stubs(driver));
        });
    }

    private static DriverClass Read(GeneratorAttributeSyntaxContext found)
    {
        ClassDeclarationSyntax syntax = (ClassDeclarationSyntax)found.TargetNode;
        INamedTypeSymbol type = (INamedTypeSymbol)found.TargetSymbol;
        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        string declaration = syntax.Identifier.Text + syntax.TypeParameterList?.ToString();
        EquatableArray<MissingOp> missing = DriverOps.ProblemOf(type, syntax).Length > 0 ? new([]) : new(DriverOps.Of(type).Where(o => DriverOps.OverrideOf(type, o) is null).Select(Missing));
        return new DriverClass(space, declaration, syntax.Identifier.Text, missing);
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
