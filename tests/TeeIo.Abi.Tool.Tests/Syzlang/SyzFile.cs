namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>What a file of descriptions says.</summary>
internal sealed record SyzFile(string Name)
{
    public List<string> Comments { get; } = [];

    public List<string> Architectures { get; } = [];

    public List<string> Includes { get; } = [];

    public List<SyzNamed> Defines { get; } = [];

    public List<SyzNamed> Resources { get; } = [];

    public List<SyzNamed> Sets { get; } = [];

    public List<SyzCall> Calls { get; } = [];

    public List<SyzStruct> Structs { get; } = [];

    /// <summary>Values by name, from the file's constants.</summary>
    public Dictionary<string, ulong> Constants { get; } = [];

    /// <summary>The other files that it says it needs.</summary>
    public IEnumerable<string> Needs => Comments.Where(c => c.StartsWith("Needs ", StringComparison.Ordinal)).Select(c => c.Split(' ')[1]);
}
