using System.IO.Compression;
using System.Reflection;

namespace TeeIo.Package.Tests;

/// <summary>All packages in a folder of their own, and an empty cache.</summary>
public sealed class PackageFeed : IDisposable
{
    private static readonly Dictionary<string, string?> s_metadata =
        typeof(PackageFeed).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value);

    private readonly string _root = Directory.CreateTempSubdirectory("teeio-packages-").FullName;

    private int _made;

    /// <summary>Packs what is built.</summary>
    public PackageFeed()
    {
        string sources = "<configuration><packageSources><add key=\"teeio\" value=\"feed\" /></packageSources></configuration>";
        File.WriteAllText(Path.Combine(_root, "nuget.config"), sources);
        Directory.CreateDirectory(Feed);
        Pack(Feed);
    }

    /// <summary>Whether everything is asked for, as CI does; a desk takes the cheap half.</summary>
    public static bool IsWhole { get; } = Environment.GetEnvironmentVariable("TEEIO_PACKAGES") == "all";

    /// <summary>The repository's folder.</summary>
    public static string Root => s_metadata["RepoRoot"]!;

    /// <summary>The version of all of them.</summary>
    public static string Version => s_metadata["Version"]!;

    /// <summary>Their ids.</summary>
    public static IEnumerable<string> Ids =>
    [
        "TeeIo.Generator", "TeeIo.Abi.Tool", "TeeIo.Sdk", "TeeIo.Platform", "TeeIo.Cli", "TeeIo.Tdx", "TeeIo.Tdx.Module", "TeeIo.Sev", "TeeIo.Sev.Firmware",
        "TeeIo.Templates",
    ];

    /// <summary>Where the packages are.</summary>
    public string Feed => Path.Combine(_root, "feed");

    /// <summary>Ids of what packing made.</summary>
    public IEnumerable<string> Made => Directory.EnumerateFiles(Feed, $"*.{Version}.nupkg").Select(f => Path.GetFileName(f)[..^$".{Version}.nupkg".Length]);

    private string Cache => Path.Combine(_root, "cache");

    /// <summary>Where packages of this build are unpacked.</summary>
    public static string DefaultCache =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>A package's file.</summary>
    public string PathOf(string id) => Path.Combine(Feed, $"{id}.{Version}.nupkg");

    /// <summary>Packs what is built into <paramref name="folder"/>.</summary>
    public static void Pack(string folder) => Dotnet.Run(
        Root, DefaultCache, "dotnet", "pack", "Sdk.sln", "--no-build", "--configuration", s_metadata["Configuration"]!, "--output", folder, "--verbosity", "quiet", "-p:UseSharedCompilation=false");

    /// <summary>Names of the files in a package.</summary>
    public IReadOnlyList<string> Files(string id)
    {
        using ZipArchive archive = ZipFile.OpenRead(PathOf(id));
        return [.. archive.Entries.Select(e => e.FullName)];
    }

    /// <summary>A file of a package.</summary>
    public string Text(string id, string name)
    {
        using StreamReader reader = new(new MemoryStream(Bytes(id, name)));
        return reader.ReadToEnd();
    }

    /// <summary>A file of a package.</summary>
    public byte[] Bytes(string id, string name)
    {
        using ZipArchive archive = ZipFile.OpenRead(PathOf(id));
        using Stream file = archive.GetEntry(name)!.Open();
        var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>A copy of a consumer's project, which sees only the feed.</summary>
    /// <returns>Its folder.</returns>
    public string Consumer(string project, string copy)
    {
        string folder = Path.Combine(_root, copy);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Consumer", project))) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }

    /// <summary>A project made by a template of ours, which sees only the feed.</summary>
    /// <param name="template">The template's short name.</param>
    /// <param name="name">The project's name.</param>
    /// <param name="arguments">More arguments.</param>
    /// <returns>Its folder.</returns>
    public string New(string template, string name, params IEnumerable<string> arguments)
    {
        string hive = Path.Combine(_root, "hive");
        if (!Directory.Exists(hive)) Run(_root, "dotnet", "new", "install", PathOf("TeeIo.Templates"), "--debug:custom-hive", hive);
        string folder = Path.Combine(_root, $"new-{_made++}");
        Run(_root, "dotnet", ["new", template, "--name", name, "--output", folder, "--debug:custom-hive", hive, .. arguments]);
        return folder;
    }

    /// <summary>Runs a program that may fail in a consumer's folder.</summary>
    /// <returns>Its exit code and output.</returns>
    public (int Code, string Output) Try(string folder, string program, params IEnumerable<string> arguments) => Dotnet.Try(folder, Cache, program, arguments);

    /// <summary>Runs a program in a consumer's folder.</summary>
    public string Run(string folder, string program, params IEnumerable<string> arguments) => Dotnet.Run(folder, Cache, program, arguments);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);
}
