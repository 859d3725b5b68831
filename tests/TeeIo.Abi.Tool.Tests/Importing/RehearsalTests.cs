using System.Text.RegularExpressions;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Comparing;
using TeeIo.Abi.Tool.Headers;
using TeeIo.Abi.Tool.Importing;

namespace TeeIo.Abi.Tool.Tests.Importing;

/// <summary>The day a new kernel comes: a spec that knows Linux 6.12 is brought to 7.3, and must become the spec that the project has.</summary>
public sealed partial class RehearsalTests
{
    private const string Old = "6.12";
    private const string New = "7.3";
    private static readonly Lazy<HeaderReader> s_reader = new(() => new HeaderReader(Clang.Find(), "cc"));

    [KernelHeadersTheory]
    [InlineData("iommufd", "iommufd.h", false, "")]
    [InlineData("vfio", "vfio.h", true, "")]
    [InlineData("kvm", "kvm.h", true, "KVM_PPC_GET_COMPAT_CAPS")]
    public void The_spec_of_6_12_becomes_that_of_7_3(string name, string header, bool isSelective, string mayTakeANumber)
    {
        (AbiSpec spec, SpecDocument document) = Repository.Specs.Specs.First(s => s.Spec.Name == name);
        string text = File.ReadAllText(Repository.PathOf(document.Path));
        string older = OlderSpec.Of(spec, document, text, s_reader.Value.Read(new HeaderFile(KernelHeaders.Of(New), "linux/" + header)), KernelHeaders.Of(Old));
        SpecFolder before = Folder(spec, document.Path, older);
        Assert.NotEqual(text, older);

        (string now, IReadOnlyList<ImportFinding> findings) = Import(before, name, older, header, isSelective);
        Assert.Equal(mayTakeANumber, string.Join(' ', findings.Where(f => f.Kind is ImportKind.ByHand or ImportKind.NotInHeader).Select(f => f.Item)));
        SpecFolder after = Folder(spec, document.Path, now);
        Assert.Equal(Facts(Repository.Specs, name), Facts(after, name));
        Assert.Equal(Arguments(spec), Arguments(after.Set.Spec(name)!));

        // The calls that one header has and the other hasn't, by their text alone.
        string[] added = [.. Requests(New, header).Except(Requests(Old, header)).Order()];
        Change[] changes = [.. SetComparison.Compare(before.Set, after.Set)];
        Assert.Equal(added, changes.Where(c => c.Rule == ChangeRule.Added && after.Set.Spec(name)!.Calls.Any(call => call.Name == c.Item)).Select(c => c.Item).Order());
        Assert.DoesNotContain(changes, c => c.Rule.Class == ChangeClass.Number);
        AssertUntouched(older, now);

        (string again, IReadOnlyList<ImportFinding> nothing) = Import(after, name, now, header, isSelective);
        Assert.Equal(now, again);
        Assert.Empty(nothing);
    }

    [KernelHeadersTheory]
    [InlineData("iommufd.h")]
    [InlineData("vfio.h")]
    [InlineData("kvm.h")]
    public void Two_folders_of_headers_differ_by_the_calls_that_7_3_added(string header)
    {
        SpecSource source = new(new DirectoryInfo(Repository.Specs.Path), null, "cc");
        AbiSet after = source.Load(KernelHeaders.Of(New));
        IEnumerable<Change> changes = SetComparison.Compare(source.Load(KernelHeaders.Of(Old)), after).Where(c => c.Spec == "linux/" + header);
        HashSet<string> calls = [.. after.Spec("linux/" + header)!.Calls.Select(c => c.Name)];
        Assert.Equal(Requests(New, header).Except(Requests(Old, header)).Order(), changes.Where(c => calls.Contains(c.Item)).Select(c => c.Item).Order());
    }

    [KernelHeadersTheory]
    [InlineData("iommufd", "iommufd.h")]
    public void A_spec_that_has_but_its_head_gets_every_fact_of_the_header(string name, string header)
    {
        (AbiSpec spec, SpecDocument document) = Repository.Specs.Specs.First(s => s.Spec.Name == name);
        string text = File.ReadAllText(Repository.PathOf(document.Path));
        string head = text[text.IndexOf("abi:", StringComparison.Ordinal)..text.IndexOf("ids:", StringComparison.Ordinal)];
        (string first, _) = Import(Folder(spec, document.Path, head), name, head, header, isSelective: false, Old);
        (string now, IReadOnlyList<ImportFinding> findings) = Import(Folder(spec, document.Path, first), name, first, header, isSelective: false);
        Assert.DoesNotContain(findings, f => f.Kind == ImportKind.ByHand);
        Assert.Equal(Facts(Repository.Specs, name), Facts(Folder(spec, document.Path, now), name));
        Assert.Equal(Arguments(spec), Arguments(Folder(spec, document.Path, now).Set.Spec(name)!));
    }

    private static (string Text, IReadOnlyList<ImportFinding> Findings) Import(SpecFolder folder, string name, string text, string header, bool isSelective, string version = New)
    {
        HeaderFile file = new(KernelHeaders.Of(version), "linux/" + header);
        HeaderFile? beyond = isSelective ? new(KernelHeaders.Of(Old), file.Include) : null;
        return new Importer(s_reader.Value, "cc").Import(folder, folder.Specs.First(s => s.Spec.Name == name), text, file, beyond, version);
    }

    /// <summary>The spec with another text, and what it needs: specs that it uses, and others for its header.</summary>
    private static SpecFolder Folder(AbiSpec spec, string path, string text)
    {
        HashSet<string> wanted = [.. spec.Uses, .. Repository.Specs.Set.Specs.Where(s => s.Headers.Intersect(spec.Headers).Any()).Select(s => s.Name), "errno"];
        for (int before = 0; before != wanted.Count;)
        {
            before = wanted.Count;
            wanted.UnionWith(Repository.Specs.Set.Specs.Where(s => wanted.Contains(s.Name)).SelectMany(s => s.Uses).ToArray());
        }

        IEnumerable<SpecDocument> others = Repository.Specs.Specs.Where(s => wanted.Contains(s.Spec.Name) && s.Spec.Name != spec.Name).Select(s => s.Document);
        SpecFolder folder = new(Repository.Specs.Path, AbiSet.Link([.. others, SpecReader.Read(path, text)]));
        Assert.DoesNotContain(folder.Set.Diagnostics, d => d.Severity == AbiSeverity.Error);
        return folder;
    }

    private static IEnumerable<string> Facts(SpecFolder folder, string name)
    {
        (AbiSpec spec, SpecDocument document) = folder.Specs.First(s => s.Spec.Name == name);
        return HeaderFacts.Of(spec, document).Select(f => $"{f.CName} = {f.Expected}").Distinct().Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Arguments(AbiSpec spec) => spec.Calls.Where(c => c.Request is not null).Select(c => $"{c.CName ?? c.Name}({c.Argument}) {c.Number}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Requests(string version, string header) =>
        Request().Matches(File.ReadAllText(Path.Combine(KernelHeaders.Of(version), "linux", header))).Select(m => m.Groups[1].Value).Distinct();

    // Every line is still there, in its order, but sizes of records that grew.
    private static void AssertUntouched(string before, string after)
    {
        Queue<string> rest = new(before.Split('\n').Where(l => !Size().IsMatch(l)));
        foreach (string line in after.Split('\n'))
        {
            if (rest.Count > 0 && rest.Peek() == line) rest.Dequeue();
        }

        Assert.Empty(rest);
    }

    [GeneratedRegex(@"^#define\s+(\w+)\s+(?:\\\s+)?_IO[RW]*\s*\(", RegexOptions.Multiline)]
    private static partial Regex Request();

    [GeneratedRegex(@"^    size: \d+$")]
    private static partial Regex Size();
}
