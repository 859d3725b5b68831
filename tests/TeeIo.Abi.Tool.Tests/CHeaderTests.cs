using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Emitting;

namespace TeeIo.Abi.Tool.Tests;

public sealed class CHeaderTests : IDisposable
{
    private const string Prefix = "teeio_";
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Specs => [.. Repository.Specs.Set.Specs.Where(s => s.Kind is not (AbiKind.Ops or AbiKind.Flow)).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Specs))]
    public void The_C_compiler_agrees_with_every_size_offset_and_request(string name)
    {
        foreach (AbiSpec spec in Repository.Specs.Set.Specs) _folder.Write(CHeader.FileName(spec), new CHeader(Repository.Specs.Set, spec, Prefix).Text);
        string program = _folder.Write("program.c", $"#include \"{name}.h\"\n");
        (int code, _, string error) = ExternalProgram.Run("cc", _folder.Path, "-Wall", "-Wextra", "-Werror", "-std=gnu11", "-fsyntax-only", program);
        Assert.True(code == 0, error);
    }

    [HeadersFact]
    public void A_header_stands_beside_the_kernel_s_own_and_says_the_same()
    {
        AbiSpec spec = Repository.Specs.Set.Spec("iommufd")!;
        _folder.Write(CHeader.FileName(spec), new CHeader(Repository.Specs.Set, spec, Prefix).Text);
        IEnumerable<string> sizes = spec.Records.Select(r => $"_Static_assert(sizeof(struct {r.Name}) == sizeof(struct {Prefix}{r.Name}), \"{r.Name}\");");
        IEnumerable<string> requests = spec.Calls.Select(c => $"_Static_assert({c.Name} == TEEIO_{c.Name}, \"{c.Name}\");");
        string program = _folder.Write("program.c", $"#include <linux/iommufd.h>\n#include \"iommufd.h\"\n{string.Join('\n', sizes.Concat(requests))}\n");
        (int code, _, string error) = ExternalProgram.Run("cc", _folder.Path, "-w", "-isystem", KernelHeaders.Of("7.3"), "-fsyntax-only", program);
        Assert.True(code == 0, error);
    }

    [Fact]
    public void Without_a_prefix_names_are_C_s_own() =>
        Assert.Contains("\nstruct iommu_ioas_map {\n", new CHeader(Repository.Specs.Set, Repository.Specs.Set.Spec("iommufd")!, "").Text, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();
}
