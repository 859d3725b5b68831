using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tool;

/// <summary>A folder of specs.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Set">What is in it.</param>
internal sealed record SpecFolder(string Path, AbiSet Set)
{
    private const string Pattern = "*.abi.yaml";

    /// <summary>The specs below <paramref name="directory"/>, or where it is null below the nearest <c>abi-spec</c> upwards from here, else those that came with the tool.</summary>
    /// <exception cref="ToolException">There are none.</exception>
    public static SpecFolder Load(DirectoryInfo? directory)
    {
        string path = directory?.FullName ?? Nearest() ?? throw new ToolException("there is no folder abi-spec here or above; name one with --specs");
        if (!Directory.Exists(path)) throw new ToolException($"{path} isn't there; name a folder with *.abi.yaml files");
        string[] files = [.. Directory.EnumerateFiles(path, Pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw new ToolException($"{path} has no *.abi.yaml files; name a folder that has");
        string root = System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(path)) ?? path;
        return new SpecFolder(path, AbiSet.Load(files.Select(f => (System.IO.Path.GetRelativePath(root, f).Replace('\\', '/'), File.ReadAllText(f)))));
    }

    /// <summary>As <see cref="Load"/>, but a wrong spec is refused: what builds on facts needs right ones.</summary>
    /// <exception cref="ToolException">There are none, or one is wrong.</exception>
    public static SpecFolder LoadRight(DirectoryInfo? directory)
    {
        SpecFolder folder = Load(directory);
        folder.DemandRight();
        return folder;
    }

    /// <summary>Refuses wrong specs.</summary>
    /// <exception cref="ToolException">One is wrong.</exception>
    public void DemandRight()
    {
        if (Set.Diagnostics.FirstOrDefault(d => d.Severity == AbiSeverity.Error) is { } error) throw new ToolException($"{error}; 'teeio-abi check' lists all that is wrong");
    }

    /// <summary>Each spec with its document.</summary>
    public IEnumerable<(AbiSpec Spec, SpecDocument Document)> Specs =>
        Set.Specs.Select(s => (s, Set.Documents.First(d => d.Spec is not null && d.Spec.Name == s.Name)));

    /// <summary>The file of one of its documents.</summary>
    public string PathOf(SpecDocument document) =>
        System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(Path)) ?? "", document.Path);

    private static string? Nearest()
    {
        for (DirectoryInfo? here = new(Environment.CurrentDirectory); here is not null; here = here.Parent)
        {
            string path = System.IO.Path.Combine(here.FullName, "abi-spec");
            if (Directory.Exists(path)) return path;
        }

        // As an installed tool it has TeeIo's own beside it.
        string own = System.IO.Path.Combine(AppContext.BaseDirectory, "abi-spec");
        return Directory.Exists(own) ? own : null;
    }
}
