using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Emitting;

namespace TeeIo.Abi.Tool.Tests.Syzlang;

/// <summary>The descriptions of all specs that have some, as <c>emit syzlang</c> writes them.</summary>
internal static class SyzDescriptions
{
    public const string Prefix = "teeio_";
    private static readonly Lazy<Dictionary<string, SyzFile>> s_files = new(() => Specs.ToDictionary(SyzlangDescription.FileName, s => Read(s, Prefix)));

    /// <summary>The specs.</summary>
    public static IEnumerable<AbiSpec> Specs => Repository.Specs.Set.Specs.Where(SyzlangDescription.CanEmit);

    /// <summary>Their files by name.</summary>
    public static IReadOnlyDictionary<string, SyzFile> Files => s_files.Value;

    public static SyzFile Of(string spec) => Files[spec + ".txt"];

    public static SyzFile Read(AbiSpec spec, string prefix)
    {
        SyzlangDescription description = new(Repository.Specs.Set, spec, prefix);
        return SyzReader.Read(SyzlangDescription.FileName(spec), description.Text, description.Constants);
    }

    /// <summary>A file and those that it says it needs, and so on.</summary>
    public static SyzFile[] WithNeeds(string spec)
    {
        List<SyzFile> files = [Of(spec)];
        for (int i = 0; i < files.Count; i++) files.AddRange(files[i].Needs.Select(n => Files[n]).Where(f => !files.Contains(f)).ToArray());
        return [.. files];
    }
}
