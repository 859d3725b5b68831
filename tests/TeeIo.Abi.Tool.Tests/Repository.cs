using System.Reflection;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>The repository that the tests run in.</summary>
internal static class Repository
{
    private static readonly string s_root = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;
    private static readonly Lazy<SpecFolder> s_specs = new(() => SpecFolder.LoadRight(new DirectoryInfo(PathOf("abi-spec"))));

    /// <summary>The specs that the project ships.</summary>
    public static SpecFolder Specs => s_specs.Value;

    /// <summary>Where <paramref name="name"/> is.</summary>
    public static string PathOf(string name) => Path.Combine(s_root, name);
}
