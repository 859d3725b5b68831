using System.Reflection;

namespace TeeIo.Generator.Tests;

/// <summary>The files of the repository that the tests run on.</summary>
internal static class Repository
{
    private static readonly string _root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;

    /// <summary>Every spec that the project ships, all of them to be emitted.</summary>
    public static IReadOnlyList<SpecText> Specs { get; } = SpecsBelow("abi-spec");

    /// <summary>The specs of the gallery, which explain the language and the generator.</summary>
    public static IReadOnlyList<SpecText> Gallery { get; } = SpecsBelow("generator/gallery");

    /// <summary>Folder of the reviewed output.</summary>
    public static string Snapshots => Path.Combine(_root, "tests", "TeeIo.Generator.Tests", "Snapshots");

    /// <summary>Where the repository's <paramref name="name"/> is.</summary>
    public static string PathOf(string name) => Path.Combine(_root, name);

    /// <summary>Hand-written files below the SDK's folder <paramref name="folder"/>.</summary>
    public static IEnumerable<string> SdkSources(string folder = "") => Files(Path.Combine("sdk", "TeeIo.Sdk", folder), "*.cs");

    /// <summary>Hand-written files of what ships.</summary>
    public static IReadOnlyList<string> HandWritten { get; } =
        [.. new[] { "sdk", "vendors", "generator" }.SelectMany(f => Files(f, "*.cs")).Where(f => !f.StartsWith(PathOf(Path.Combine("generator", "gallery")), StringComparison.Ordinal))];

    private static SpecText[] SpecsBelow(string folder) =>
        [.. Files(folder, "*.abi.yaml").Select(f => new SpecText(Path.GetRelativePath(_root, f).Replace('\\', '/'), File.ReadAllText(f)))];

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(_root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                && !f.Contains($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);
}
