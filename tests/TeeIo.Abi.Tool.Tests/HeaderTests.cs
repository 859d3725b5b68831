using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;

namespace TeeIo.Abi.Tool.Tests;

public class HeaderTests
{
    private const string Compiler = "cc";

    [HeadersTheory]
    [InlineData("6.1")]
    [InlineData("6.12")]
    [InlineData("7.3")]
    public void Every_fact_that_a_released_header_has_is_the_spec_s(string version)
    {
        HeaderComparison comparison = HeaderComparison.Of(Repository.Specs, KernelHeaders.Of(version), Compiler);
        Assert.Equal(Version.Parse(version), comparison.Version);
        Assert.Empty(comparison.Differences);
        Assert.True(comparison.Agreeing > 300, $"{comparison.Agreeing} facts agree");
    }

    [HeadersFact]
    public void The_newest_header_lacks_no_fact_that_claims_a_name_in_C() =>
        Assert.Empty(HeaderComparison.Of(Repository.Specs, KernelHeaders.Of("7.3"), Compiler).Lacking.Select(f => $"{f.Path}:{f.Line} {f.CName}"));

    [HeadersFact]
    public void What_is_younger_than_a_header_is_lacking_and_no_difference()
    {
        HeaderComparison comparison = HeaderComparison.Of(Repository.Specs, KernelHeaders.Of("6.12"), Compiler);
        Assert.Contains(comparison.Lacking, f => f.CName == "IOMMU_VIOMMU_ALLOC");
        Assert.DoesNotContain(comparison.Lacking, f => f.CName == "IOMMU_IOAS_MAP");
    }

    [HeadersTheory]
    [InlineData("iova,       at: 32, type: u64", "iova,       at: 32, type: u32", "sizeof(struct iommu_ioas_map.iova)")]
    [InlineData("READABLE:   { value: 1<<2", "READABLE:   { value: 1<<3", "IOMMU_IOAS_MAP_READABLE")]
    [InlineData("    nr: 0x85\n    request: 0x3B85\n", "    nr: 0x85\n    since: \"6.13\"\n", "IOMMU_IOAS_MAP")]
    [InlineData("    nr: 0x85\n    request: 0x3B85\n", "    nr: 0x86\n", "IOMMU_IOAS_MAP")]
    [InlineData("    since: \"6.17\"\n    doc: Gives a vIOMMU", "    since: \"6.12\"\n    doc: Gives a vIOMMU", "IOMMU_HW_QUEUE_ALLOC")]
    public void A_wrong_fact_is_named_with_its_line(string right, string wrong, string cName)
    {
        string text = File.ReadAllText(Repository.PathOf("abi-spec/linux/iommufd.abi.yaml"));
        Assert.Contains(right, text, StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(Path.Combine(folder.Path, "linux"));
        File.Copy(Repository.PathOf("abi-spec/linux/errno.abi.yaml"), Path.Combine(folder.Path, "linux", "errno.abi.yaml"));
        folder.Write("linux/iommufd.abi.yaml", text.Replace(right, wrong, StringComparison.Ordinal).Replace("    size: 40\n", "", StringComparison.Ordinal));
        SpecFolder specs = SpecFolder.Load(new DirectoryInfo(folder.Path));

        HeaderDifference found = Assert.Single(HeaderComparison.Of(specs, KernelHeaders.Of("6.12"), Compiler).Differences, d => d.Fact.CName == cName);
        Assert.EndsWith("linux/iommufd.abi.yaml", found.Fact.Path, StringComparison.Ordinal);
        Assert.InRange(found.Fact.Line, 1, text.Count(c => c == '\n'));
    }

    [Fact]
    public void A_folder_without_headers_is_refused_in_one_line()
    {
        ToolException e = Assert.Throws<ToolException>(() => HeaderComparison.Of(Repository.Specs, "/nowhere", Compiler));
        Assert.Contains("/nowhere", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_compiler_is_refused_in_one_line()
    {
        using TemporaryFolder folder = new();
        ToolException e = Assert.Throws<ToolException>(() => HeaderComparison.Of(Repository.Specs, folder.Path, "no-such-compiler"));
        Assert.Contains("no-such-compiler", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_status_but_proposed_and_model_is_held_against_headers() =>
        Assert.DoesNotContain(HeaderFacts.Of(Repository.Specs), f => Repository.Specs.Set.Specs.SelectMany(s => s.Constants).Any(c => c.Name == f.CName && c.Provenance.Status is AbiStatus.Proposed or AbiStatus.Model));
}
