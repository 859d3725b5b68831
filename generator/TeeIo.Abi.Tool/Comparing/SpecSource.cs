namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Where a set of specs comes from: a folder, or a revision of the Git repository that one is in.</summary>
internal static class SpecSource
{
    private const string Folder = "abi-spec";

    /// <summary>The specs that <paramref name="name"/> stands for.</summary>
    /// <exception cref="ToolException">There are none, or one is wrong.</exception>
    public static AbiSet Load(string name)
    {
        if (Directory.Exists(name)) return SpecFolder.LoadRight(new DirectoryInfo(name)).Set;
        (int code, string listing, string error) = ExternalProgram.Run("git", Environment.CurrentDirectory, "ls-tree", "-r", "--full-tree", "--name-only", name, "--", Folder);
        string[] files = [.. listing.Split('\n').Where(f => f.EndsWith(".abi.yaml", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (code != 0) throw new ToolException($"'{name}' is no folder, and Git knows no such revision: {error.Trim()}");
        if (files.Length == 0) throw new ToolException($"revision '{name}' has no specs in {Folder}/");
        AbiSet set = AbiSet.Load(files.Select(f => (f, ExternalProgram.Run("git", Environment.CurrentDirectory, "show", $"{name}:{f}").Output)));
        new SpecFolder(name, set).DemandRight();
        return set;
    }
}
