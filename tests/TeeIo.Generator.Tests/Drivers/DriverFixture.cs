using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using TeeIo.Generator.Drivers;

namespace TeeIo.Generator.Tests.Drivers;

/// <summary>The SDK with everything that is generated for it, and a vendor's source on top.</summary>
internal static class DriverFixture
{
    private static readonly Lazy<CSharpCompilation> _sdk = new(() =>
    {
        IEnumerable<SyntaxTree> generated = GeneratorHarness.Everything.GeneratedSources.Select(s => s.SyntaxTree);
        return GeneratorHarness.Compilation([.. Repository.SdkSources().Select(GeneratorHarness.HandWritten), .. generated]);
    });

    /// <summary>The SDK's compilation.</summary>
    public static CSharpCompilation Sdk => _sdk.Value;

    /// <summary>The SDK's compilation with <paramref name="source"/>.</summary>
    public static CSharpCompilation With(string source) => _sdk.Value.AddSyntaxTrees(Parse(source));

    /// <summary>The text as a file of a vendor's.</summary>
    public static SyntaxTree Parse(string source) => CSharpSyntaxTree.ParseText(source, GeneratorHarness.ParseOptions, "Acme.cs");

    /// <summary>A driver of the generator for classes with <c>[TsmDriver]</c>.</summary>
    public static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new TsmDriverGenerator().AsSourceGenerator()], [], GeneratorHarness.ParseOptions, null,
        new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What <paramref name="analyzer"/> says of <paramref name="source"/>, after the generator has added its stubs. An exception in it is a failure of the test.</summary>
    public static async Task<ImmutableArray<Diagnostic>> Diagnostics(DiagnosticAnalyzer analyzer, string source)
    {
        Driver().RunGeneratorsAndUpdateCompilation(With(source), out Compilation whole, out _);
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), (exception, _, _) => Assert.Fail(exception.ToString()), concurrentAnalysis: true, logAnalyzerExecutionTime: false, reportSuppressedDiagnostics: false);
        ImmutableArray<Diagnostic> found = await whole.WithAnalyzers([analyzer], options).GetAnalyzerDiagnosticsAsync();
        return [.. found.OrderBy(d => d.Location.SourceSpan.Start)];
    }

    /// <summary>Ids of the compiler's errors in <paramref name="source"/>.</summary>
    public static IEnumerable<string> Errors(string source)
    {
        CSharpCompilation compilation = With(source);
        return compilation.GetSemanticModel(compilation.SyntaxTrees.Single(t => t.FilePath == "Acme.cs")).GetDiagnostics().Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.Id);
    }
}
