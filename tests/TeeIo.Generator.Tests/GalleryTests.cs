using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Abi;
using TeeIo.Generator.Tests.Drivers;

namespace TeeIo.Generator.Tests;

/// <summary>The generator's documentation by example, in generator/gallery.</summary>
public class GalleryTests
{
    // Errors of calls are looked up among the errnos, and nothing else comes from outside.
    private static readonly Lazy<GeneratorRunResult> s_result = new(() =>
        GeneratorHarness.Run(Repository.Gallery.Append(Repository.Specs.Single(s => s.Path == "abi-spec/linux/errno.abi.yaml").As("Reference"))));

    /// <summary>Keys, and words under keys, without an example, and why.</summary>
    private static readonly (string Why, string[] Keys)[] s_without =
    [
        ("it is what holds where nothing is said", [
            "call.returns=nothing", "op.returns=nothing", "match.occurrence=first", "field.is=value", "parameter.is=value", "register.is=value", "field.dir=in", "parameter.dir=in", "register.dir=in"]),
        ("checks against C headers read it, and no C# comes of it", ["headers", "constant.c", "value.c", "field.c", "call.c"]),
        ("a check reads it, and no C# comes of it", ["mixes"]),
        ("explanations and checks read them, and no C# comes of them", ["sequences", "sequence.steps", "step.call", "step.if", "step.repeat"]),
        ("only types come of such a spec, and the gallery has those", [
            "kind=netlink", "kind=sysfs", "call.path", "call.mode", "call.mode=do", "call.mode=dump", "call.mode=event", "framing.family", "framing.attributes"]),
        ("a word for readers: what it says is in the framing", ["call.returns=status", "op.returns=status"]),
        ("no op gives a descriptor; ioctls show it", ["op.returns=fd"]),
        ("a parameter is passed as it is; records show these", [
            "parameter.dir=inout", "parameter.is", "parameter.in-if", "parameter.length", "parameter.to", "parameter.value",
            "parameter.is=const", "parameter.is=ignored", "parameter.is=length", "parameter.is=size", "parameter.is=user-memory", "parameter.is=user-pointer", "parameter.is=zero"]),
        ("'in' and 'out' say which way a register goes", ["register.dir", "register.dir=inout", "register.dir=out"]),
        ("a register is a value, a constant or zero; records show these", [
            "register.in-if", "register.length", "register.to",
            "register.is=ignored", "register.is=length", "register.is=size", "register.is=user-memory", "register.is=user-pointer"]),
    ];

    [Fact]
    public void Its_specs_are_right() => Assert.Empty(s_result.Value.Diagnostics);

    [Fact]
    public void Its_code_is_as_reviewed()
    {
        Dictionary<string, SnapshotFolder> themes = Directory.GetDirectories(Repository.PathOf("generator/gallery")).ToDictionary(f => Path.GetFileName(f)!, f => new SnapshotFolder(f, ""));
        Dictionary<string, string> themeOf = Repository.Gallery.ToDictionary(s => CSharpNames.Type(Path.GetFileName(s.Path).Split('.')[0]), s => Path.GetFileName(Path.GetDirectoryName(s.Path)!));
        foreach (GeneratedSourceResult source in s_result.Value.GeneratedSources)
        {
            Assert.True(themeOf.TryGetValue(source.HintName.Split('.')[0], out string? theme), $"{source.HintName} comes of a spec whose file has another name than its 'abi:'.");
            themes[theme].Compare(source);
        }

        Assert.All(themes.Values, t => t.AssertNothingDiffers());
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
        HashSet<string> without = [.. s_without.SelectMany(w => w.Keys)];
        string[] missing = [.. all.Where(k => !used.Contains(k) && !without.Contains(k))];
        Assert.True(missing.Length == 0, $"No spec of the gallery uses these; write examples, or say in {nameof(GalleryTests)} why there is none:\n  {string.Join("\n  ", missing)}");
        Assert.All(without, k => Assert.True(all.Contains(k) && !used.Contains(k), $"{k} has an example or is no key: it needs no reason."));
    }
}
