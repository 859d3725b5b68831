namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>Files that are compiled together, and what syzkaller brings along for them.</summary>
internal sealed class SyzWorld(IReadOnlyList<SyzFile> files)
{
    private const string AnyFile = "fd";
    private static readonly Dictionary<string, int> s_scalars = new() { ["int8"] = 1, ["int16"] = 2, ["int32"] = 4, ["int64"] = 8, ["intptr"] = 8, ["bool8"] = 1 };

    /// <summary>Constants of its own files that ours name.</summary>
    public static IReadOnlySet<string> Theirs { get; } = new HashSet<string> { "AT_FDCWD", "O_RDWR" };

    /// <summary>Names that no field can have.</summary>
    public static IReadOnlySet<string> TakenOfFields { get; } = new HashSet<string> { "parent", "syscall", "include", "incdir", "define", "resource" };

    /// <summary>Names that nothing can have that is declared.</summary>
    public static IReadOnlySet<string> Taken { get; } =
        ((string[])[.. s_scalars.Keys, AnyFile, "const", "flags", "len", "bytesize", "array", "ptr", "ptr64", "vma64", "string", "void", "opt", "in", "out", "inout", .. TakenOfFields]).ToHashSet();

    public IReadOnlyList<SyzFile> Files => files;

    public Dictionary<string, SyzStruct> Structs { get; } = ByName(files.SelectMany(f => f.Structs), s => s.Name);

    public Dictionary<string, SyzNamed> Resources { get; } = ByName(files.SelectMany(f => f.Resources), r => r.Name);

    public Dictionary<string, SyzNamed> Sets { get; } = ByName(files.SelectMany(f => f.Sets), s => s.Name);

    public Dictionary<string, ulong> Constants { get; } = ByName(files.SelectMany(f => f.Constants), c => c.Key).ToDictionary(c => c.Key, c => c.Value.Value);

    /// <summary>Whether a value of the type comes from another call.</summary>
    public bool IsResource(string name) => name == AnyFile || Resources.ContainsKey(name);

    /// <summary>Bytes of a scalar or resource, or 0.</summary>
    public int ScalarSize(string name)
    {
        if (name == AnyFile) return s_scalars["int32"];
        return Resources.TryGetValue(name, out SyzNamed? resource) ? ScalarSize(resource.Values[0]) : s_scalars.GetValueOrDefault(name);
    }

    /// <summary>Whether it has no size of its own.</summary>
    public bool IsEndless(SyzType type) => type.Name switch
    {
        "array" => type.Options.Count == 1 || IsEndless(type.Options[0]),
        _ => Structs.TryGetValue(type.Name, out SyzStruct? inner) && inner.Fields.Any(f => IsEndless(f.Type)),
    };

    private static Dictionary<string, T> ByName<T>(IEnumerable<T> all, Func<T, string> name) => all.GroupBy(name).ToDictionary(g => g.Key, g => g.First());
}
