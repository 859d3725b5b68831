using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Abi;
using TeeIo.Generator.Tests.Drivers;

namespace TeeIo.Generator.Tests;

/// <summary>The generator's documentation by example, in generator/gallery.</summary>
public class GalleryTests
{
    private static readonly Lazy<GeneratorRunResult> s_result = new(() => GeneratorHarness.Run([.. Repository.Gallery, Repository.Specs.Single(s => s.Path.EndsWith("/errno.abi.yaml", StringComparison.Ordinal)).As("Reference")]));

    /// <summary>Keys without an example, and why.</summary>
    private static readonly Dictionary<string, string> s_without = new()
    {
    };

    [Fact]
    public void Its_specs_are_right() => Assert.Empty(s_result.Value.Diagnostics);

    [Fact]
    public void Its_code_is_as_reviewed()
    {
        foreach (IGrouping<string, SpecText> theme in Repository.Gallery.GroupBy(s => Path.GetDirectoryName(s.Path)!))
        {
            SnapshotFolder snapshots = new(Repository.PathOf(theme.Key), "");
            string[] stems = [.. theme.Select(s => CSharpNames.Type(Path.GetFileName(s.Path).Split('.')[0]) + ".")];
            foreach (GeneratedSourceResult source in s_result.Value.GeneratedSources.Where(s => stems.Any(stem => s.HintName.StartsWith(stem, StringComparison.Ordinal))))
                snapshots.Compare(source);
            snapshots.AssertNothingDiffers();
        }
    }

    [Fact]
    public void Its_code_compiles_without_a_diagnostic()
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Gallery", s_result.Value.GeneratedSources.Select(s => s.SyntaxTree), [.. DriverFixture.Sdk.References, DriverFixture.Sdk.ToMetadataReference()], DriverFixture.Sdk.Options);
        Assert.Empty(compilation.GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning));
    }

    [Fact]
    public void Every_key_of_the_language_has_an_example()
    {
        SpecKeys keys = new(File.ReadAllText(Repository.PathOf("abi-spec/abi.schema.json")));
        SortedSet<string> all = keys.All();
        HashSet<string> used = [.. Repository.Gallery.SelectMany(s => keys.In(s.GetText().ToString()))];
        string[] missing = [.. all.Where(k => !used.Contains(k) && !s_without.ContainsKey(k))];
        Assert.True(missing.Length == 0, $"No spec of the gallery uses these; write examples, or say in {nameof(GalleryTests)} why there is none:\n  {string.Join("\n  ", missing)}");
        Assert.All(s_without.Keys, k => Assert.True(all.Contains(k) && !used.Contains(k), $"{k} has an example or is no key: it needs no reason."));
    }
}
