using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TeeIo.Generator.Tests;

/// <summary>Pointers are libc's business.</summary>
public class UnsafeTests
{
    private static readonly string _allowed = Path.Combine("sdk", "TeeIo.Sdk", "Linux");

    [Fact]
    public void Hand_written_code_has_pointers_only_where_it_calls_libc()
    {
        string[] files = [.. Repository.HandWritten.Where(f => GeneratorHarness.HandWritten(f).GetRoot().DescendantTokens().Any(t => t.IsKind(SyntaxKind.UnsafeKeyword)))];
        Assert.NotEmpty(files);
        Assert.All(files, f => Assert.Contains(_allowed, f, StringComparison.Ordinal));
    }
}
