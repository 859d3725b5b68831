using System.Globalization;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Emitting;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

public sealed partial class SyzlangTests
{
    // include/uapi/linux/iommufd.h of Linux 7.3, in the order of their numbers. In August 2026 syzkaller's own descriptions lack the last eight.
    private static readonly string[] s_iommufd =
    [
        "IOMMU_DESTROY", "IOMMU_IOAS_ALLOC", "IOMMU_IOAS_ALLOW_IOVAS", "IOMMU_IOAS_COPY", "IOMMU_IOAS_IOVA_RANGES", "IOMMU_IOAS_MAP", "IOMMU_IOAS_UNMAP", "IOMMU_OPTION", "IOMMU_VFIO_IOAS",
        "IOMMU_HWPT_ALLOC", "IOMMU_GET_HW_INFO", "IOMMU_HWPT_SET_DIRTY_TRACKING", "IOMMU_HWPT_GET_DIRTY_BITMAP", "IOMMU_HWPT_INVALIDATE", "IOMMU_FAULT_QUEUE_ALLOC", "IOMMU_IOAS_MAP_FILE",
        "IOMMU_VIOMMU_ALLOC", "IOMMU_VDEVICE_ALLOC", "IOMMU_IOAS_CHANGE_PROCESS", "IOMMU_VEVENTQ_ALLOC", "IOMMU_HW_QUEUE_ALLOC", "IOMMU_IOAS_NOIOMMU_GET_PA",
    ];

    public static TheoryData<string> Specs => [.. SyzDescriptions.Specs.Select(s => s.Name)];

    [Fact]
    public void All_descriptions_compile_together() => Assert.Empty(SyzCheck.Findings([.. SyzDescriptions.Files.Values]));

    [Theory]
    [MemberData(nameof(Specs))]
    public void A_description_compiles_with_those_that_it_says_it_needs(string name) => Assert.Empty(SyzCheck.Findings(SyzDescriptions.WithNeeds(name)));

    [Fact]
    public void Without_a_prefix_IOMMUFD_and_VFIO_compile_as_well_and_have_the_kernel_s_names()
    {
        SyzFile[] files = [SyzDescriptions.Read(Repository.Specs.Set.Spec("iommufd")!, ""), SyzDescriptions.Read(Repository.Specs.Set.Spec("vfio")!, "")];
        Assert.Empty(SyzCheck.Findings(files));
        Assert.Contains(files[0].Structs, s => s.Name == "iommu_ioas_map");
    }

    [Fact]
    public void All_names_have_the_prefix_so_that_they_clash_with_none_of_syzkaller_s_own()
    {
        foreach (SyzFile file in SyzDescriptions.Files.Values)
        {
            IEnumerable<string> names = file.Structs.Select(s => s.Name).Concat(file.Resources.Select(r => r.Name)).Concat(file.Sets.Select(s => s.Name)).Concat(file.Calls.Select(c => c.Name.Split('$')[1]));
            Assert.All(names, n => Assert.StartsWith(SyzDescriptions.Prefix, n, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void All_22_calls_of_IOMMUFD_are_there_once()
    {
        Assert.Equal(22, s_iommufd.Length);
        Assert.Equal(s_iommufd.Order(), SyzDescriptions.Of("iommufd").Calls.Select(c => c.Name).Where(n => n.StartsWith("ioctl$", StringComparison.Ordinal)).Select(n => n["ioctl$teeio_".Length..]).Order());
    }

    [HeadersFact]
    public void The_newest_header_has_no_call_of_IOMMUFD_beside_them()
    {
        string header = File.ReadAllText(Path.Combine(KernelHeaders.Of("7.3"), "linux", "iommufd.h"));
        Assert.Equal(s_iommufd.Order(), IoctlMacro().Matches(header).Select(m => m.Groups[1].Value).Order());
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_ioctl_of_a_spec_is_described_with_its_number(string name)
    {
        AbiSpec spec = Repository.Specs.Set.Spec(name)!;
        SyzFile file = SyzDescriptions.Of(name);
        foreach (Call call in spec.Calls)
        {
            if ((call.Request ?? spec.Calls.FirstOrDefault(c => c.Name == call.SubCallOf)?.Request) is not { } request) continue;
            SyzCall described = Assert.Single(file.Calls, c => c.Name.EndsWith("_" + call.Name, StringComparison.Ordinal) && c.Name.StartsWith("ioctl$", StringComparison.Ordinal));
            Assert.Equal((ulong)request, file.Constants[described.Arguments[1].Type.Options[0].Name]);
        }
    }

    [Theory]
    [MemberData(nameof(Specs))]
    public void Every_struct_is_as_large_as_the_spec_s_record_and_has_its_fields_where_it_has_them(string name)
    {
        AbiSpec spec = Repository.Specs.Set.Spec(name)!;
        SyzFile[] files = SyzDescriptions.WithNeeds(name);
        SyzLayout layout = new(new SyzWorld(files));
        foreach (SyzStruct type in files[0].Structs.Where(s => !s.IsUnion && !IsPart(s.Name)))
        {
            string[] names = type.Name.Split('$');
            RecordType record = Record(spec, names[0]);
            (int size, IReadOnlyList<(string Name, int Offset)> offsets) = layout.Fields(type);
            int tail = type.Fields[^1].Name == "data" && names.Length == 2 ? layout.Of(type.Fields[^1].Type).Size : 0;
            Assert.True(record.Size + tail == size, $"{type.Name} has {size} bytes, not {record.Size} and {tail}");
            foreach ((string field, int offset) in offsets)
            {
                if (record.Fields.FirstOrDefault(f => f.Name == field) is { } own) Assert.True(own.Offset == offset, $"{type.Name}.{field} is at {offset}, not {own.Offset}");
            }
        }
    }

    [HeadersFact]
    public void The_newest_headers_give_the_constants_these_values()
    {
        using TemporaryFolder folder = new();
        foreach (SyzFile file in SyzDescriptions.Files.Values)
        {
            IEnumerable<string> facts = file.Constants.Where(c => file.Defines.TrueForAll(d => d.Name != c.Key))
                .Select(c => string.Create(CultureInfo.InvariantCulture, $"_Static_assert((unsigned long long){c.Key} == {c.Value}ULL || (unsigned int){c.Key} == {c.Value}ULL, \"{c.Key}\");"));
            string program = folder.Write("program.c", string.Join('\n', file.Includes.Select(i => $"#include <{i["uapi/".Length..]}>").Concat(facts)) + "\n");
            (int code, _, string error) = ExternalProgram.Run("cc", folder.Path, "-w", "-isystem", KernelHeaders.Of("7.3"), "-fsyntax-only", program);
            Assert.True(code == 0, $"{file.Name}: {error}");
        }
    }

    [Fact]
    public void Ids_come_from_the_fields_that_hand_them_out_and_files_from_the_calls_that_open_them()
    {
        SyzFile file = SyzDescriptions.Of("iommufd");
        SyzField made = file.Structs.Single(s => s.Name == "teeio_iommu_ioas_alloc").Fields.Single(f => f.Name == "out_ioas_id");
        Assert.Equal(("teeio_iommufd_ioas", "out"), (made.Type.Name, made.Mark));
        Assert.Equal("teeio_fd_kvm_vm", SyzDescriptions.Of("kvm").Calls.Single(c => c.Name == "ioctl$teeio_KVM_CREATE_VM").Returns?.Name);
        Assert.Equal("teeio_fd_iommufd", SyzDescriptions.Of("vfio").Structs.Single(s => s.Name == "teeio_vfio_device_bind_iommufd").Fields.Single(f => f.Name == "iommufd").Type.Name);
    }

    [Theory]
    [InlineData("errno", "no ioctl whose number is known")]
    [InlineData("tdcall", "no spec of ioctls")]
    public void A_spec_without_ioctls_is_refused(string name, string why) =>
        Assert.Contains(why, Assert.Throws<ToolException>(() => new SyzlangDescription(Repository.Specs.Set, Repository.Specs.Set.Spec(name)!, "")).Message, StringComparison.Ordinal);

    [Fact]
    public void Emit_writes_a_description_and_its_constants()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(ExitCode.Ok, EmitCommand.Create().Parse(["syzlang", "iommufd", "--specs", Repository.Specs.Path, "--out", folder.Path, "--prefix", "my_"]).Invoke());
        Assert.Equal(["iommufd.txt", "iommufd.txt.const"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order());
        Assert.Contains("\nresource my_fd_iommufd[fd]\n", File.ReadAllText(Path.Combine(folder.Path, "iommufd.txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prefix_that_no_name_can_begin_with_is_refused() =>
        Assert.Contains("'9-'", Assert.Throws<ToolException>(() => EmitCommand.Create().Parse(["syzlang", "iommufd", "--specs", Repository.Specs.Path, "--prefix", "9-"]).Invoke(new() { EnableDefaultExceptionHandler = false })).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("defined by the caller", "# Defined by the caller")]
    [InlineData("a file\nof its own", "# a file of its own")]
    public void A_comment_is_one_line_and_looks_like_no_directive(string doc, string comment) => Assert.Equal(comment, SyzlangDescription.Comment(doc));

    [Fact]
    public void The_description_of_IOMMUFD_is_as_reviewed()
    {
        SyzlangDescription description = new(Repository.Specs.Set, Repository.Specs.Set.Spec("iommufd")!, SyzDescriptions.Prefix);
        Reviewed.Compare("iommufd.txt", description.Text);
        Reviewed.Compare("iommufd.txt.const", description.Constants);
    }

    private static bool IsPart(string name) => name.Contains("_view_", StringComparison.Ordinal);

    // By the whole name in C, or behind that of the spec that uses it.
    private static RecordType Record(AbiSpec spec, string type)
    {
        string name = type[SyzDescriptions.Prefix.Length..];
        string own = spec.Name.Replace('-', '_') + "_";
        return spec.Uses.Select(u => Repository.Specs.Set.Spec(u)!).Prepend(spec).SelectMany(s => s.Records).First(r => r.Name.Replace('-', '_') == name || own + r.Name.Replace('-', '_') == name);
    }

    [GeneratedRegex(@"^#define (IOMMU_\w+)[\s\\]+_IO\(", RegexOptions.Multiline)]
    private static partial Regex IoctlMacro();
}
