using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;
using TeeIo.Abi;

namespace TeeIo.Generator;

/// <summary>The spec language's rules as Roslyn knows rules.</summary>
internal static class DiagnosticDescriptors
{
    private static readonly Dictionary<string, DiagnosticDescriptor> _all = AbiRules.All.ToDictionary(r => r.Id, Create, StringComparer.Ordinal);

    /// <summary><paramref name="diagnostic"/> at its place in its file.</summary>
    public static Diagnostic ToRoslyn(AbiDiagnostic diagnostic)
    {
        LinePosition start = new(Math.Max(0, diagnostic.Line - 1), Math.Max(0, diagnostic.Column - 1));
        LinePosition end = new(Math.Max(start.Line, diagnostic.EndLine - 1), Math.Max(0, diagnostic.EndColumn - 1));
        Location location = Location.Create(diagnostic.Path, default, new LinePositionSpan(start, end < start ? start : end));
        return Diagnostic.Create(_all[diagnostic.Id], location, diagnostic.Message);
    }

    private static DiagnosticDescriptor Create(AbiRule rule) => new(
        rule.Id, rule.Title, "{0}", "TeeIo.Abi", rule.Severity == AbiSeverity.Error ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
