using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Emitting;

namespace TeeIo.Abi.Tool.Tests;

public sealed class RustModuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [RustFact]
    public void The_Rust_compiler_agrees_with_every_size_and_offset()
    {
        AbiSpec[] specs = [.. Repository.Specs.Set.Specs.Where(s => s.Kind is not (AbiKind.Ops or AbiKind.Flow))];
        foreach (AbiSpec spec in specs) _folder.Write(RustModule.FileName(spec), new RustModule(Repository.Specs.Set, spec).Text);
        string library = _folder.Write("lib.rs", "#![no_std]\n" + RustModule.Root(specs));
        (int code, _, string error) = ExternalProgram.Run("rustc", _folder.Path, "--edition", "2021", "--crate-type", "lib", "--emit", "metadata", "-D", "warnings", library);
        Assert.True(code == 0, error);
    }

    [Fact]
    public void A_wrong_layout_would_not_compile()
    {
        string text = new RustModule(Repository.Specs.Set, Repository.Specs.Set.Spec("iommufd")!).Text;
        Assert.Contains("size_of::<iommu_ioas_map>() == 40", text, StringComparison.Ordinal);
        Assert.Contains("offset_of!(iommu_ioas_map, iova) == 32", text, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
