using System.Reflection;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

/// <summary>Whoever reads a spec must be able to tell what nobody published: abi-spec/README.md lists it.</summary>
public sealed class OursTests
{
    private const string Begin = "<!-- ours: kept true by OursTests -->\n";
    private const string End = "<!-- /ours -->";

    [Fact]
    public void The_README_lists_every_item_that_is_ours()
    {
        string root = typeof(OursTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;
        string path = Path.Combine(root, "abi-spec", "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Begin.Length && end >= start, "abi-spec/README.md has lost the marks around its list of what is ours.");
        string list = string.Concat(SpecFilesTests.Load().Specs.OrderBy(s => s.Name, StringComparer.Ordinal).Select(Describe));
        if (readme[start..end] == list) return;
        if (Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..start] + list + readme[end..]);
            return;
        }

        Assert.Fail("The list of what is ours isn't that of the specs any more. Review the change and accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Abi.Tests.");
    }

    private static string Describe(AbiSpec spec)
    {
        if (spec.Provenance.Status == AbiStatus.Model) return $"- `{spec.Name}`: all of it\n";
        IEnumerable<(string Name, Provenance Provenance)> items =
        [
            .. spec.Constants.Select(c => (c.Name, c.Provenance)),
            .. spec.Ids.Select(i => (i.Name, i.Provenance)),
            .. spec.Enums.Select(e => (e.Name, e.Provenance)),
            .. spec.Enums.Where(e => e.Provenance.Status != AbiStatus.Model).SelectMany(e => e.Values.Select(v => ($"{e.Name}.{v.Name}", v.Provenance))),
            .. spec.Records.Select(r => (r.Name, r.Provenance)),
            .. spec.Interfaces.Select(i => (i.Name, i.Provenance)),
            .. spec.Calls.Select(c => (c.IsNumberless ? c.Name + " (numberless)" : c.Name, c.Provenance)),
        ];
        string[] ours = [.. items.Where(i => i.Provenance.Status == AbiStatus.Model).Select(i => $"`{i.Name}`")];
        return ours.Length == 0 ? string.Empty : $"- `{spec.Name}`: {string.Join(", ", ours)}\n";
    }
}
