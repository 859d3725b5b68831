using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Generator.Tests.Drivers;

namespace TeeIo.Generator.Tests;

public partial class ExperimentalTests
{
    [Theory]
    [InlineData("TeeIo.Linux.Seed202505.SeedIommufdClient", "TEEIO_SEED_2025_05")]
    [InlineData("TeeIo.Linux.Seed202505.SeedVfioDeviceClient", "TEEIO_SEED_2025_05")]
    [InlineData("TeeIo.Linux.ArmV5.ArmV5IommufdClient", "TEEIO_ARM_V5")]
    [InlineData("TeeIo.Linux.Next.NextIommufdClient", "TEEIO_NEXT")]
    [InlineData("TeeIo.Vmm.SeedUapi", "TEEIO_SEED_2025_05")]
    [InlineData("TeeIo.Vmm.ArmV5Uapi", "TEEIO_ARM_V5")]
    [InlineData("TeeIo.Vmm.NextUapi", "TEEIO_NEXT")]
    public void Who_starts_to_use_a_proposed_profile_is_told_its_id(string type, string id) => Assert.Equal([id], UseOf(type));

    [Theory]
    [InlineData("TeeIo.Linux.Iommufd.IommufdClient")]
    [InlineData("TeeIo.Linux.Vfio.VfioDeviceClient")]
    [InlineData("TeeIo.Vmm.Linux73Uapi")]
    [InlineData("TeeIo.Linux.Next.IommuVdeviceTsmOp")]
    public void What_is_upstream_or_no_entry_point_is_used_without_a_word(string type) => Assert.Empty(UseOf(type));

    [Fact]
    public void Each_id_has_a_help_page()
    {
        IEnumerable<string> ids = Directory.EnumerateFiles(Repository.PathOf("generator/docs"), "TEEIO_*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal);
        IEnumerable<string> profiles = GeneratorHarness.Everything.GeneratedSources.Where(s => s.HintName.EndsWith(".Profile.g.cs", StringComparison.Ordinal))
            .Select(s => ExperimentalId().Match(s.SourceText.ToString()).Groups[1].Value).Distinct();
        Assert.Equal(profiles.Append("TEEIO_SEV").Append("TEEIO_TDX").Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.StartsWith($"# {id}: ", File.ReadAllText(Repository.PathOf($"generator/docs/{id}.md")), StringComparison.Ordinal));
    }

    /// <summary>What the compiler says where another assembly names <paramref name="type"/>.</summary>
    private static IEnumerable<string> UseOf(string type)
    {
        SyntaxTree user = DriverFixture.Parse($"class User {{ object Type => typeof({type}); }}");
        CSharpCompilation compilation = CSharpCompilation.Create("User", [user], [.. DriverFixture.Sdk.References, DriverFixture.Sdk.ToMetadataReference()], DriverFixture.Sdk.Options);
        return compilation.GetSemanticModel(user).GetDiagnostics().Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.Id);
    }

    [GeneratedRegex("ExperimentalId = \"(\\w+)\"")]
    private static partial Regex ExperimentalId();
}
