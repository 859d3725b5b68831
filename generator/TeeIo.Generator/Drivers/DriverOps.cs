using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TeeIo.Generator.Drivers;

/// <summary>Reads a class with <c>[TsmDriver]</c>: whether it can be a driver, and which ops it has to fill.</summary>
internal static class DriverOps
{
    /// <summary>The attribute.</summary>
    public const string AttributeName = "TeeIo.Tsm.TsmDriverAttribute";

    private const string GeneratedName = "System.CodeDom.Compiler.GeneratedCodeAttribute";
    private const string ResultName = "TeeIo.Boundaries.SysResult";

    /// <summary>Why <paramref name="type"/> can't be a driver; empty where it can.</summary>
    public static string ProblemOf(INamedTypeSymbol type, ClassDeclarationSyntax syntax) =>
        !syntax.Modifiers.Any(SyntaxKind.PartialKeyword) ? "must be partial" :
        type.ContainingType is not null ? "must stand in a namespace, not in another type" :
        type.IsAbstract ? "must not be abstract" :
        !Of(type).Any() ? "must derive from a generated driver class (HostTsmDriver, GuestTsmDriver, …)" : "";

    /// <summary>The ops of the driver class that <paramref name="type"/> derives from.</summary>
    public static IEnumerable<IMethodSymbol> Of(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? from = type.BaseType; from is not null; from = from.BaseType)
        {
            foreach (IMethodSymbol method in from.GetMembers().OfType<IMethodSymbol>().Where(m => m.IsAbstract && m.ReturnType.ToDisplayString() == ResultName))
                yield return method;
        }
    }

    /// <summary>Whether <paramref name="symbol"/> was generated: a stub that stands for an op which isn't filled, or a type.</summary>
    public static bool IsGenerated(ISymbol symbol) => symbol.GetAttributes().Any(a => a.AttributeClass?.ToDisplayString() == GeneratedName);

    /// <summary>The method of <paramref name="type"/>, or of a class between, that overrides <paramref name="op"/>; null where none does.</summary>
    public static IMethodSymbol? OverrideOf(INamedTypeSymbol type, IMethodSymbol op)
    {
        for (INamedTypeSymbol? from = type; from is not null && !SymbolEqualityComparer.Default.Equals(from, op.ContainingType); from = from.BaseType)
        {
            IMethodSymbol? found = from.GetMembers(op.Name).OfType<IMethodSymbol>()
                .FirstOrDefault(m => SymbolEqualityComparer.Default.Equals(m.OverriddenMethod?.OriginalDefinition, op.OriginalDefinition));
            if (found is not null) return found;
        }

        return null;
    }
}
