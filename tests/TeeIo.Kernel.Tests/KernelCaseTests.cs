using TeeIo.Kernel.Guest;

namespace TeeIo.Kernel.Tests;

/// <summary>The generated bindings on a real Linux 7.3: a row for each case of the guest's table.</summary>
[Collection(nameof(GuestRun))]
public sealed class KernelCaseTests(GuestRun run)
{
    /// <summary>The names of all cases; where there is no rig, one row that says how to get it.</summary>
    public static IEnumerable<TheoryDataRow<string>> Names =>
        Rig.Lack is { } lack ? [new TheoryDataRow<string>("the real kernel") { Skip = lack }] : KernelCases.All.Select(c => new TheoryDataRow<string>(c.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void On_the_real_kernel(string name)
    {
        string? problem = run.Result(name).Problem;
        Assert.True(problem is null, problem);
    }
}
