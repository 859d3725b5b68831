using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Benchmarks;

/// <summary>The project around the specs: two hundred files of C# that have nothing to do with them.</summary>
internal static class Workload
{
    private const int Sources = 200;

    public static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);

    /// <summary>The project.</summary>
    public static CSharpCompilation Compilation { get; } = CSharpCompilation.Create("Benchmark", Enumerable.Range(0, Sources).Select(i => Source(i, 0)));

    /// <summary>The project after an edit of one of its files.</summary>
    public static CSharpCompilation Edited(CSharpCompilation before, int edit) => before.ReplaceSyntaxTree(before.SyntaxTrees[Sources / 2], Source(Sources / 2, edit));

    private static SyntaxTree Source(int index, int edit) =>
        CSharpSyntaxTree.ParseText(string.Create(CultureInfo.InvariantCulture, $"internal sealed class C{index} {{ public int M() => {edit}; }}"), ParseOptions);
}
