using System.Reflection;

namespace TeeIo.Package.Tests;

/// <summary>What the generator needs of the compiler or editor that loads it.</summary>
[Collection(nameof(PackageFeed))]
public sealed class HostTests(PackageFeed feed)
{
    private const string Begin = "<!-- host: kept true by HostTests -->\n";
    private const string End = "<!-- /host -->";
    private const string Folder = "analyzers/dotnet/cs/";

    [Fact]
    public void The_table_of_what_a_host_must_have_is_what_the_packed_assemblies_refer_to()
    {
        var carried = feed.Files("TeeIo.Generator").Where(f => f.StartsWith(Folder, StringComparison.Ordinal)).ToDictionary(f => Path.GetFileNameWithoutExtension(f)!, f => feed.Bytes("TeeIo.Generator", f));
        IEnumerable<string> rows =
            from library in carried
            from AssemblyName needed in PackedAssembly.ReferencesOf(library.Value)
            where !carried.ContainsKey(needed.Name!)
            group library.Key by (needed.Name, Version: needed.Version!.ToString()) into use
            orderby use.Key.Name, use.Key.Version
            select $"| {use.Key.Name} | {use.Key.Version} | {string.Join(", ", use.Order(StringComparer.Ordinal))} |\n";
        string table = "| assembly | version | needed by |\n|---|---|---|\n" + string.Concat(rows);

        string path = Path.Combine(PackageFeed.Root, "generator", "README.md");
        string readme = File.ReadAllText(path);
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        if (readme[begin..end] == table) return;
        bool accepts = Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1";
        if (accepts) File.WriteAllText(path, readme[..begin] + table + readme[end..]);
        Assert.True(accepts, $"generator/README.md's table of what a host must have isn't this any more; accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Package.Tests:\n{table}");
    }
}
