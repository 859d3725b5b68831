using Microsoft.CodeAnalysis;

namespace TeeIo.Generator.Tests;

/// <summary>Reviewed texts, on disk in the form of the Verify library: <c>Class.Method#Part.verified.cs</c>, and <c>.received.cs</c> beside it where the text differs.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="test">What stands before the part in a file's name: <c>Class.Method#</c>, or nothing where no other test keeps texts.</param>
internal sealed class SnapshotFolder(string folder, string test)
{
    /// <summary>Set to 1, this environment variable accepts whatever the tests receive.</summary>
    public const string AcceptVariable = "TEEIO_ACCEPT";

    private readonly bool _accepts = Environment.GetEnvironmentVariable(AcceptVariable) == "1";
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _differences = [];

    /// <summary>Compares what the generator made.</summary>
    public void Compare(GeneratedSourceResult source) => Compare(Path.GetFileNameWithoutExtension(source.HintName), $"//HintName: {source.HintName}\n{source.SourceText}");

    /// <summary>Compares <paramref name="text"/> with the reviewed text of <paramref name="part"/>.</summary>
    public void Compare(string part, string text)
    {
        string verified = Name(part, "verified");
        string received = Name(part, "received");
        _seen.Add(verified);
        if (File.Exists(verified) && File.ReadAllText(verified).ReplaceLineEndings("\n") == text)
        {
            File.Delete(received);
            return;
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(_accepts ? verified : received, text);
        if (_accepts) File.Delete(received);
        else _differences.Add($"{(File.Exists(verified) ? "differs" : "is new")}: {Path.GetFileName(received)}");
    }

    /// <summary>Fails if a text differs, is new, or is no longer there.</summary>
    public void AssertNothingDiffers()
    {
        IEnumerable<string> all = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{test}*.verified.cs") : [];
        foreach (string stale in all.Where(f => !_seen.Contains(f)).Order(StringComparer.Ordinal))
        {
            if (_accepts) File.Delete(stale);
            else _differences.Add($"is gone: {Path.GetFileName(stale)}");
        }

        Assert.True(
            _differences.Count == 0,
            $"""
            {_differences.Count} generated files differ from what was reviewed in {folder}:
              {string.Join("\n  ", _differences)}
            Compare each .received.cs with its .verified.cs. To accept all of them, run the tests once with {AcceptVariable}=1 and commit the .verified.cs files.
            """);
    }

    private string Name(string part, string kind) => Path.Combine(folder, $"{test}{part}.{kind}.cs");
}
