using System.Reflection;
using System.Text.RegularExpressions;
using TeeIo.Tdx.Profiles;

namespace TeeIo.Cli.Tests;

/// <summary>Rows are derived from crossings: no hand-written code may know one.</summary>
public sealed partial class RowNamesTests
{
    private static readonly string[] s_folders = ["sdk", "vendors"];

    [Fact]
    public void No_hand_written_file_names_a_row_or_its_step()
    {
        string root = typeof(RowNamesTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
        HashSet<string> steps = [.. TdxSeed202505.Profile.Rows.Select(r => r.Step), "16a", "16b"];
        List<string> named = [];
        foreach (string file in s_folders.SelectMany(d => Directory.EnumerateFiles(Path.Combine(root, d), "*.cs", SearchOption.AllDirectories)))
        {
            if (file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)) continue;
            string text = File.ReadAllText(file);
            // A step's words may be a task's or an actor's words, too ("connect"): only a literal that is just the step counts.
            named.AddRange(Literal().Matches(text).Select(m => m.Groups[1].Value).Where(l => l.Contains(' ', StringComparison.Ordinal) || l.StartsWith("16", StringComparison.Ordinal))
                .Where(steps.Contains).Select(l => $"{file}: \"{l}\""));
            named.AddRange(Numbered().Matches(text).Select(m => $"{file}: {m.Value}"));
        }

        Assert.Empty(named);
    }

    [GeneratedRegex("\"([^\"\\n]*)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\b[Rr]ows? [0-9]+")]
    private static partial Regex Numbered();
}
