using System.Globalization;
using TeeIo.Abi.Model;

namespace TeeIo.Abi.Tests;

/// <summary>The flows in <c>abi-spec/</c>, also those that nothing runs. That the calls which they name are there, every spec's own check says.</summary>
public class FlowFilesTests
{
    private const string General = "tdi-lifecycle";
    private static readonly Lazy<AbiSet> s_set = new(SpecFilesTests.Load);

    public static TheoryData<string> Vendors => [.. s_set.Value.Specs.Where(s => s.Flow?.Extends is not null).Select(s => s.Name)];

    [Fact]
    public void The_general_flow_has_the_rows_from_1_to_50_and_16_twice() =>
        Assert.Equal(
            [.. Enumerable.Range(1, 15).Select(Number), "16a", "16b", .. Enumerable.Range(17, 34).Select(Number)],
            s_set.Value.Spec(General)!.Flow!.Rows.Select(r => r.Row));

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Each_row_is_accounted_for(string flow)
    {
        Dictionary<string, FlowRow> rows = Rows(flow);
        Assert.Superset(s_set.Value.Spec(General)!.Flow!.Rows.Select(r => r.Row).ToHashSet(), rows.Keys.ToHashSet());
        Assert.All(rows.Values, row =>
        {
            Assert.NotEmpty(row.How);
            Assert.NotEmpty(row.Actor);
            Assert.NotEmpty(row.Step);
            Assert.Equal(row.How is "call" or "implicit", row.Match.Count > 0);
            Assert.Equal(row.How != "call", row.Reason.Length > 0);
        });
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void What_merges_into_a_row_merges_into_one_that_is_made(string flow)
    {
        Dictionary<string, FlowRow> rows = Rows(flow);
        Assert.All(rows.Values.Where(r => r.How == "merged"), row =>
        {
            Assert.StartsWith("into ", row.Reason, StringComparison.Ordinal);
            Assert.Equal("call", rows[row.Reason["into ".Length..row.Reason.IndexOf(':', StringComparison.Ordinal)]].How);
        });
    }

    [Theory]
    [InlineData("cca-tdi-lifecycle")]
    [InlineData("cca-tdi-lifecycle-next")]
    public void A_flow_that_nothing_runs_names_no_class(string flow) => Assert.Null(s_set.Value.Spec(flow)!.Flow!.ClassName);

    [Fact]
    public void Every_other_flow_of_a_vendor_is_run() =>
        Assert.All(s_set.Value.Specs.Where(s => s.Flow?.Extends is not null && !s.Name.StartsWith("cca-", StringComparison.Ordinal)), s => Assert.NotNull(s.Flow!.ClassName));

    // Where Arm's order differs from the chart's: MMIO is accepted before the start and DMA after it, and memory is unmapped before the interface stops.
    [Theory]
    [InlineData("0", "1")]
    [InlineData("1", "12")]
    [InlineData("16a", "10")]
    [InlineData("24", "25")]
    [InlineData("26", "30")]
    [InlineData("30", "34")]
    [InlineData("34", "34b")]
    [InlineData("34b", "35")]
    [InlineData("44", "41")]
    [InlineData("41", "47")]
    [InlineData("47", "51")]
    public void On_Arm_one_row_comes_before_another(string earlier, string later)
    {
        foreach (string flow in new[] { "cca-tdi-lifecycle", "cca-tdi-lifecycle-next" })
        {
            Dictionary<string, FlowRow> rows = Rows(flow);
            Assert.True(IsAfter(later), $"{flow}: {later} need not come after {earlier}");

            bool IsAfter(string row) => rows[row].After.Any(a => a == earlier || IsAfter(a));
        }
    }

    // Two statements of one fact: what a row calls within an operation stands in that operation's sequence, in the same order.
    [Theory]
    [InlineData("1", "connect")]
    [InlineData("19", "bind")]
    [InlineData("29", "validate-mmio")]
    [InlineData("34", "start")]
    [InlineData("44", "unbind")]
    [InlineData("41", "unbind")]
    [InlineData("47", "unbind")]
    [InlineData("51", "disconnect")]
    public void On_Arm_a_row_calls_what_the_sequence_of_its_operation_does(string row, string sequence)
    {
        string[] all = [.. s_set.Value.Spec("cca-sequences")!.Sequences.Single(s => s.Name == sequence).Steps.Select(s => s.Call)];
        string[] made = [.. Rows("cca-tdi-lifecycle")[row].Match.Select(m => m.Call).Where(c => c.StartsWith("RMI_", StringComparison.Ordinal))];
        Assert.NotEmpty(made);
        int at = 0;
        Assert.All(made, call => Assert.True((at = Array.IndexOf(all, call, at) + 1) > 0, $"{call} isn't in '{sequence}' where row {row} has it"));
    }

    private static string Number(int row) => row.ToString(CultureInfo.InvariantCulture);

    /// <summary>The rows of a flow, completed by those that it extends.</summary>
    private static Dictionary<string, FlowRow> Rows(string name)
    {
        FlowModel flow = s_set.Value.Spec(name)!.Flow!;
        Dictionary<string, FlowRow> rows = flow.Extends is { } extended ? Rows(extended) : [];
        foreach (FlowRow row in flow.Rows)
        {
            FlowRow under = rows.GetValueOrDefault(row.Row, row);
            bool isNew = row.How.Length > 0;
            rows[row.Row] = row with
            {
                Actor = row.Actor.Length > 0 ? row.Actor : under.Actor,
                Step = row.Step.Length > 0 ? row.Step : under.Step,
                How = isNew ? row.How : under.How,
                Reason = isNew ? row.Reason : under.Reason,
                Match = isNew || row.Match.Count > 0 ? row.Match : under.Match,
                After = row.After.Count > 0 ? row.After : under.After,
            };
        }

        return rows;
    }
}
