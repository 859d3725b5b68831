namespace TeeIo.Package.Tests;

/// <summary>Clones of the repository in other places: what is built there depends on nothing but its sources.</summary>
[Collection(nameof(PackageFeed))]
public sealed class CloneTests : IDisposable
{
    private const string Project = "generator/TeeIo.Abi";

    private readonly string _root = Directory.CreateTempSubdirectory("teeio-clones-").FullName;

    [WholeFact]
    public void A_clone_without_a_remote_builds_without_a_warning_to_the_same_bytes_wherever_it_stands() => Assert.Equal(Build(Clone("one")), Build(Clone("some/other/place")));

    [WholeFact]
    public void Debug_information_says_where_the_sources_are_where_a_remote_is_known()
    {
        string clone = Clone("with-a-remote");
        Git(clone, "remote", "add", "origin", "https://github.com/acme/teeio.git");
        Assert.Equal($$$"""{"documents":{"/_/*":"https://raw.githubusercontent.com/acme/teeio/{{{Git(clone, "rev-parse", "HEAD").Trim()}}}/*"}}""", PackedAssembly.SourceLinkOf(Build(clone)));
    }

    public void Dispose()
    {
        // Git writes its objects read-only.
        foreach (string file in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories)) File.SetAttributes(file, FileAttributes.Normal);
        Directory.Delete(_root, recursive: true);
    }

    private static string Git(string folder, params IEnumerable<string> arguments) => Dotnet.Run(folder, PackageFeed.DefaultCache, "git", arguments);

    private static byte[] Build(string clone)
    {
        Dotnet.Run(clone, PackageFeed.DefaultCache, "dotnet", "build", Project, "--configuration", "Release", "-warnaserror", "-p:UseSharedCompilation=false");
        return File.ReadAllBytes(Path.Combine(clone, Project, "bin", "Release", "netstandard2.0", "TeeIo.Abi.dll"));
    }

    private string Clone(string name)
    {
        string folder = Path.Combine(_root, name);
        Git(_root, "clone", "--quiet", PackageFeed.Root, folder);
        Git(folder, "remote", "remove", "origin");
        return folder;
    }
}
