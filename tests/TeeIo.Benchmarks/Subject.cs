using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Generator;

namespace TeeIo.Benchmarks;

/// <summary>A generator and the files that it is measured on.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Generator">The generator.</param>
/// <param name="Metadata">MSBuild metadata of its files.</param>
/// <param name="File">The file of an index after a number of edits.</param>
internal sealed record Subject(string Name, IIncrementalGenerator Generator, IReadOnlyDictionary<string, string> Metadata, Func<int, int, MemoryText> File)
{
    /// <summary>So many calls a spec that ten specs come to about the output of the peer's ten files.</summary>
    public const int Calls = 13;

    /// <summary>Ours.</summary>
    public static Subject TeeIo { get; } = new("TeeIo.Generator", new AbiGenerator(), new Dictionary<string, string>(), (index, edit) => SpecCorpus.File(index, Calls, edit));

    /// <summary>The peer, from the file that its package has in <c>analyzers/dotnet/cs</c>.</summary>
    public static Subject Peer(FileInfo library)
    {
        Type type = AssemblyLoadContext.Default.LoadFromAssemblyPath(library.FullName).GetTypes().FirstOrDefault(t => t.GetCustomAttribute<GeneratorAttribute>() is not null)
            ?? throw new InvalidOperationException($"{library.FullName} has no source generator. Name Tmds.DBus.Generator.dll.");
        var metadata = new Dictionary<string, string> { ["DBusGeneratorMode"] = "Proxy", ["Namespace"] = "Corpus" };
        return new(type.Assembly.GetName().Name!, (IIncrementalGenerator)Activator.CreateInstance(type)!, metadata, DBusCorpus.File);
    }

    /// <summary>Its first <paramref name="count"/> files.</summary>
    public MemoryText[] Files(int count) => [.. Enumerable.Range(0, count).Select(i => File(i, 0))];

    /// <summary>A driver that has not run yet.</summary>
    public GeneratorDriver Driver(IEnumerable<MemoryText> files) =>
        CSharpGeneratorDriver.Create([Generator.AsSourceGenerator()], files, Workload.ParseOptions, new ItemOptions(Metadata));
}
