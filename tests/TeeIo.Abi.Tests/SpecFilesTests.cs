using System.Reflection;
using NJsonSchema;

namespace TeeIo.Abi.Tests;

/// <summary>The specs that the project ships, and the schema that editors check them with.</summary>
public class SpecFilesTests
{
    private static readonly string _repoRoot = typeof(SpecFilesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;
    private static readonly string _specRoot = Path.Combine(_repoRoot, "abi-spec");

    /// <summary>Where the shipped spec <paramref name="name"/> is.</summary>
    public static string PathOf(string name) => Path.Combine(_specRoot, name);

    [Fact]
    public void All_specs_load_without_diagnostics()
    {
        AbiSet set = Load();
        Assert.True(set.Diagnostics.Count == 0, string.Join("\n", set.Diagnostics));
    }

    [Fact]
    public async Task All_specs_match_the_schema()
    {
        JsonSchema schema = await Schema();
        foreach ((string path, string text) in Files(_specRoot).Concat(Files(Path.Combine(_repoRoot, "generator", "gallery"))).Append(("ioctl fixture", SpecText.Ioctl)).Append(("flow fixture", SpecText.Flow)))
        {
            string[] errors = [.. schema.Validate(YamlToJson.Convert(text)).Select(e => $"{path}: {e}")];
            Assert.True(errors.Length == 0, string.Join("\n", errors));
        }
    }

    [Theory]
    [InlineData("nr: 0x85", "number: 0x85")]
    [InlineData("is: zero", "is: zeroed")]
    [InlineData("kind: ioctl", "kind: syscall")]
    [InlineData("value: 1<<0", "value: 1<")]
    [InlineData("extensible:", "extensibel:")]
    [InlineData("arg: test_map\n", "arg: test_map\n    then: [LOW]\n")]
    [InlineData("arg: test_map\n", "arg: test_map\n    then: { level: [] }\n")]
    [InlineData("arg: test_map\n", "arg: test_map\n    allowed: { any-of: { level: LOW } }\n")]
    [InlineData("calls:\n", "sequences: { s: { doc: d, steps: [] } }\ncalls:\n")]
    [InlineData("calls:\n", "sequences: { s: { doc: d, steps: [{ cal: TEST_MAP }] } }\ncalls:\n")]
    public async Task The_schema_refuses_what_the_reader_refuses(string right, string wrong)
    {
        string text = SpecText.Ioctl.Replace(right, wrong, StringComparison.Ordinal);
        Assert.NotEmpty((await Schema()).Validate(YamlToJson.Convert(text)));
        Assert.NotEmpty(SpecText.Diagnose(text));
    }

    private static Task<JsonSchema> Schema() => JsonSchema.FromJsonAsync(File.ReadAllText(Path.Combine(_specRoot, "abi.schema.json")));

    internal static AbiSet Load() => AbiSet.Load(Files(_specRoot));

    private static IEnumerable<(string Path, string Text)> Files(string root) =>
        Directory.EnumerateFiles(root, "*.abi.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(p => (Path.GetRelativePath(root, p), File.ReadAllText(p)));
}
