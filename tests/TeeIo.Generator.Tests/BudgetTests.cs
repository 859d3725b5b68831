using TeeIo.Benchmarks;

namespace TeeIo.Generator.Tests;

/// <summary>What an edit may cost, in allocations: times differ from machine to machine, and a step that runs when it needn't shows here as well.</summary>
public class BudgetTests
{
    private const int Rounds = 4;
    private const long Kibibyte = 1024;

    [Fact]
    public void An_edit_of_one_spec_costs_what_that_spec_is_worth()
    {
        long edit = Edits.Spec(Subject.TeeIo, 10, Rounds).Allocated;
        Assert.InRange(edit, 1, 1600 * Kibibyte);
        Assert.InRange(edit, 1, Edits.Fresh(Subject.TeeIo, 10, Rounds).Allocated / 8);
    }

    [Fact]
    public void An_edit_of_a_comment_costs_no_more_than_reading_the_file() =>
        Assert.InRange(Edits.Comment(Subject.TeeIo, 10, Rounds, round => $"# {round}\n").Allocated, 1, 550 * Kibibyte);

    [Fact]
    public void An_edit_of_CSharp_costs_next_to_nothing() => Assert.InRange(Edits.CSharp(Subject.TeeIo, 10, Rounds).Allocated, 1, 40 * Kibibyte);

    // Roslyn itself walks over every file at each edit.
    [Fact]
    public void Ten_times_as_many_specs_hardly_change_what_an_edit_of_one_costs() =>
        Assert.InRange(Edits.Spec(Subject.TeeIo, 100, Rounds).Allocated, 1, Edits.Spec(Subject.TeeIo, 10, Rounds).Allocated * 3 / 2);

    [Fact]
    public void What_a_fresh_driver_costs_grows_with_the_number_of_specs()
    {
        double ratio = (double)Edits.Fresh(Subject.TeeIo, 30, 2).Allocated / Edits.Fresh(Subject.TeeIo, 10, 2).Allocated;
        Assert.InRange(ratio, 2.8, 3.2);
    }
}
