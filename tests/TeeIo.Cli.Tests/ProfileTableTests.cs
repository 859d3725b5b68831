using System.Reflection;
using TeeIo.Flow;
using TeeIo.Sev.Profiles;
using TeeIo.Tdx.Profiles;

namespace TeeIo.Cli.Tests;

/// <summary>sdk/README.md says how each profile's chart differs from the one that was drawn; the flow specs know.</summary>
public sealed class ProfileTableTests
{
    private const string Begin = "<!-- profiles: kept true by ProfileTableTests -->\n";
    private const string End = "<!-- /profiles -->";

    private static readonly (string Vendor, FlowProfile Flow)[] s_flows =
    [
        ("tdx", TdxSeed202505.Profile), ("tdx", TdxArmV5.Profile), ("tdx", TdxNext.Profile), ("tdx", TdxLinux73.Profile),
        ("sev", SevSeed202505.Profile), ("sev", SevArmV5.Profile), ("sev", SevNext.Profile), ("sev", SevLinux73.Profile),
    ];

    [Fact]
    public void The_table_in_the_README_is_that_of_the_flow_specs()
    {
        string root = typeof(ProfileTableTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
        string path = Path.Combine(root, "sdk", "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start >= Begin.Length && end >= start, "sdk/README.md has lost the marks around its table of profiles.");
        string table = "| profile | vendor | absent | merged | no-op | comes earlier |\n|---|---|---|---|---|---|\n" + string.Concat(s_flows.Select(f => Describe(f.Vendor, f.Flow)));
        if (readme[start..end] == table) return;
        if (Environment.GetEnvironmentVariable("TEEIO_ACCEPT") == "1")
        {
            File.WriteAllText(path, readme[..start] + table + readme[end..]);
            return;
        }

        Assert.Fail("sdk/README.md's table of profiles isn't that of the flow specs any more. Review the change and accept it with TEEIO_ACCEPT=1 dotnet test --project tests/TeeIo.Cli.Tests.");
    }

    private static string Describe(string vendor, FlowProfile flow)
    {
        string[] cells = [$"`{flow.Profile}`", vendor, flow.RowsOf(RowHow.Absent), flow.RowsOf(RowHow.Merged), flow.RowsOf(RowHow.NoOp), Reordered(flow)];
        return $"| {string.Join(" | ", cells.Select(c => c.Length == 0 ? "–" : c))} |\n";
    }

    /// <summary>Rows that must come before one that the chart draws above them.</summary>
    private static string Reordered(FlowProfile flow)
    {
        Dictionary<string, int> places = flow.Rows.Select((r, i) => (r.Row, i)).ToDictionary(p => p.Row, p => p.i);
        HashSet<string> told = [];
        List<string> found = [];
        foreach (FlowRow row in flow.Rows.Where(r => r.How is RowHow.Call or RowHow.Implicit))
        {
            string[] earlier = [.. Before(flow, row.Row).Where(b => places[b] > places[row.Row] && told.Add(b)).OrderBy(b => places[b])];
            if (earlier.Length > 0) found.Add($"{string.Join(", ", earlier)} before {row.Row}");
        }

        return string.Join("; ", found);
    }

    private static HashSet<string> Before(FlowProfile flow, string row)
    {
        HashSet<string> before = [];
        Queue<string> open = new([row]);
        while (open.TryDequeue(out string? next))
        {
            foreach (string earlier in flow.Rows.First(r => r.Row == next).After.Where(before.Add)) open.Enqueue(earlier);
        }

        return before;
    }
}
