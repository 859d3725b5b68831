using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Where a set of facts comes from: a folder of specs, one of C headers, or a revision of the Git repository that one is in.</summary>
/// <param name="specs">The folder whose specs name the headers that count; the nearest <c>abi-spec</c> where it is null.</param>
/// <param name="clang">Clang, or null for the one on the PATH.</param>
/// <param name="compiler">The C compiler.</param>
internal sealed class SpecSource(DirectoryInfo? specs, string? clang, string compiler)
{
    private const string Folder = "abi-spec";

    /// <summary>The specs or headers that <paramref name="name"/> stands for.</summary>
    /// <exception cref="ToolException">There are none, or one is wrong.</exception>
    public AbiSet Load(string name)
    {
        if (Directory.Exists(name)) return LoadFolder(new DirectoryInfo(name));
        (int code, string listing, string error) = ExternalProgram.Run("git", Environment.CurrentDirectory, "ls-tree", "-r", "--full-tree", "--name-only", name, "--", Folder);
        string[] files = [.. listing.Split('\n').Where(f => f.EndsWith(".abi.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (code != 0) throw new ToolException($"'{name}' is no folder, and Git knows no such revision: {error.Trim()}");
        if (files.Length == 0) throw new ToolException($"revision '{name}' has no specs in {Folder}/");
        AbiSet set = AbiSet.Load(files.Select(f => (f, ExternalProgram.Run("git", Environment.CurrentDirectory, "show", $"{name}:{f}").Output)));
        new SpecFolder(name, set).DemandRight();
        return set;
    }

    private AbiSet LoadFolder(DirectoryInfo folder)
    {
        if (folder.EnumerateFiles("*.abi.yaml", SearchOption.AllDirectories).Any()) return SpecFolder.LoadRight(folder).Set;
        SpecFolder named = SpecFolder.LoadRight(specs);
        return HeaderSource.IsOne(folder.FullName, named)
            ? HeaderSource.Load(folder.FullName, named, new HeaderReader(clang ?? Clang.Find(), compiler))
            : throw new ToolException($"{folder.FullName} has neither *.abi.yaml files nor one of the headers that the specs name, such as {named.Set.Specs.SelectMany(s => s.Headers).FirstOrDefault("none")}");
    }
}
