using TeeIo.Abi.Tool.Checking;

namespace TeeIo.Abi.Tool.Tests;

public class CoverageTests
{
    private const string Start = "<!-- coverage: kept true by CoverageTests -->\n";
    private const string End = "<!-- /coverage -->";

    [Fact]
    public void The_readme_says_how_much_the_specs_hold()
    {
        string path = Repository.PathOf("abi-spec/README.md");
        string readme = File.ReadAllText(path);
        int start = readme.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Start.Length && end >= start, "abi-spec/README.md has no place for the table");
        string table = Line(Coverage.Columns) + Line([.. Coverage.Columns.Select(_ => "---")]) + string.Concat(Coverage.Rows(Repository.Specs).Select(Line));
        if (readme[start..end] == table) return;
        Assert.True(Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1", "the table is another now; accept it with TEEIO_ACCEPT=1:\n" + table);
        File.WriteAllText(path, readme[..start] + table + readme[end..]);
    }

    private static string Line(IReadOnlyList<string?> cells) => $"| {string.Join(" | ", cells)} |\n";
}
