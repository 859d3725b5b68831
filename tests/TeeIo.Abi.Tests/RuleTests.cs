using System.Reflection;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

public class RuleTests
{
    private static readonly string _repoRoot = typeof(RuleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;

    public static TheoryData<int, string> Cases()
    {
        TheoryData<int, string> data = [];
        for (int i = 0; i < RuleCases.All.Count; i++) data.Add(i, RuleCases.All[i].Id);
        return data;
    }

    public static TheoryData<string> Ids() => [.. AbiRules.All.Select(r => r.Id)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_wrong_spec_breaks_its_rule_at_the_marked_place(int number, string id)
    {
        RuleCase ruleCase = RuleCases.All[number];
        (string text, int line, int column) = SpecText.Unmark(ruleCase.Marked);

        EquatableArray<AbiDiagnostic> found = ruleCase.Other is null ? SpecText.Diagnose(text) : SpecText.Diagnose(text, ruleCase.Other);

        // Specs that have other things wrong with them, too (a missing call of a flow's effects, say), may say so; but not elsewhere with the same id.
        AbiDiagnostic hit = Assert.Single(found, d => d.Id == id && (d.Line, d.Column) == (line, column));
        Assert.Equal("test.abi.yaml", hit.Path);
        Assert.True(hit.Message.Length > 20, hit.Message);
        Assert.DoesNotContain('{', hit.Message.Replace("{ … }", "", StringComparison.Ordinal).Replace("{ doc: … }", "", StringComparison.Ordinal).Replace("{ tdi: RUN }", "", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Each_rule_has_a_wrong_spec_here_and_a_help_page(string id)
    {
        Assert.Contains(RuleCases.All, c => c.Id == id);
        string page = File.ReadAllText(Path.Combine(_repoRoot, "generator", "docs", id + ".md"));
        AbiRule rule = AbiRules.All.Single(r => r.Id == id);
        Assert.StartsWith($"# {id}: {rule.Title}\n", page, StringComparison.Ordinal);
        Assert.Contains("## Wrong", page, StringComparison.Ordinal);
        Assert.Contains("## Right", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_unique_and_in_order() => Assert.Equal(AbiRules.All.Select(r => r.Id).Distinct().Order(StringComparer.Ordinal), AbiRules.All.Select(r => r.Id));

    [Fact]
    public void An_unknown_error_gets_a_suggestion_from_all_that_there_are()
    {
        string[] names = [.. Enumerable.Range(0, 90).Select(i => $"      SOMETHING_{i}: {{ value: {i + 100}, doc: d }}")];
        string errnos = SpecText.Errnos + string.Join("\n", names) + "\n      ENOSPC: { value: 28, doc: full }\n";
        string wrong = SpecText.Ioctl.Replace("ENOMEM: no memory", "ENOSPCE: full", StringComparison.Ordinal);
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(wrong, errnos));
        Assert.Equal("ABI0028", found.Id);
        Assert.Contains("'errno'", found.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'ENOSPC'?", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Errors_may_be_anything_where_no_spec_lists_the_errnos() =>
        Assert.Empty(SpecText.Diagnose(SpecText.Ioctl.Replace("EEXIST:", "EEXISTS:", StringComparison.Ordinal)));

    [Theory]
    [InlineData("allowed: { state: [RUM] }", "did you mean 'RUN'?")]
    [InlineData("then: { stat: RUN }", "did you mean 'state'?")]
    [InlineData("than: { state: RUN }", "did you mean 'then'?")]
    public void A_slip_of_the_pen_in_states_gets_a_suggestion(string wrong, string hint)
    {
        string spec = SpecText.Ioctl.Replace("  level:\n", "  state: { doc: d, values: { RUN: { value: 1, doc: d } } }\n  level:\n", StringComparison.Ordinal);
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(spec.Replace("arg: test_map", "arg: test_map\n    " + wrong, StringComparison.Ordinal)));
        Assert.Contains(hint, found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in-if: FIXED", "in-if: FIXD", "did you mean 'FIXED'?")]
    [InlineData("type: map-flags", "type: map-flag", "did you mean 'map-flags'?")]
    [InlineData("is: length", "is: lenght", "did you mean 'length'?")]
    [InlineData("arg: test_map", "arg: tset_map", "did you mean 'test_map'?")]
    [InlineData("kind: ioctl", "kind: ioclt", "did you mean 'ioctl'?")]
    [InlineData("status: model", "status: modle", "did you mean 'model'?")]
    public void A_slip_of_the_pen_in_a_name_gets_a_suggestion(string right, string wrong, string hint)
    {
        Assert.Contains(right, SpecText.Ioctl, StringComparison.Ordinal);
        Assert.Contains(SpecText.Diagnose(SpecText.Ioctl.Replace(right, wrong, StringComparison.Ordinal)), d => d.Message.Contains(hint, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ermo", "did you mean 'errno'?")]
    [InlineData("something-else", "add its file or correct the name")]
    public void A_slip_of_the_pen_in_the_name_of_a_spec_gets_a_suggestion(string used, string hint)
    {
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(SpecText.Ioctl.Replace("sides:", $"uses: [{used}]\nsides:", StringComparison.Ordinal), SpecText.Errnos + "      ENOMEM: { value: 12, doc: no memory }\n"));
        Assert.Equal("ABI0021", found.Id);
        Assert.EndsWith(hint, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slip_of_the_pen_in_only_with_gets_a_suggestion()
    {
        const string Enums = """
            enums:
              arch: { doc: d, values: { SEV: { value: 1, doc: d } } }
              op: { doc: d, values: { RUN: { value: 1, only-with: arch.SEW, doc: d } } }

            """;
        Assert.Contains(SpecText.Diagnose(SpecText.IoctlHead + Enums), d => d.Message.EndsWith("did you mean 'arch.SEV'?", StringComparison.Ordinal));
    }

    [Fact]
    public void A_slip_of_the_pen_gets_a_suggestion()
    {
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(SpecText.Ioctl.Replace("extensible:", "extensibel:", StringComparison.Ordinal)));
        Assert.Equal("ABI0005", found.Id);
        Assert.Contains("did you mean 'extensible'?", found.Message, StringComparison.Ordinal);
    }
}
