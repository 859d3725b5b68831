
namespace TeeIo.Cli.Tests.Explorer;

/// <summary>Every schedule of a small cast up to a depth, in points with a choice; chance decides beyond. TEEIO_EXPLORER=n goes n points deep; TEEIO_EXPLORER=all has no depth, and ends when
/// no schedule is left; TEEIO_EXPLORER_PREEMPTIONS=n leaves out schedules with more than n preemptions. Seeds are printed.</summary>
public sealed class ExplorerTests(ITestOutputHelper output)
{
    private const int Depth = 2;
    private const int RandomSchedules = 5;
    private static readonly int s_preemptions =
        Environment.GetEnvironmentVariable("TEEIO_EXPLORER_PREEMPTIONS") is { Length: > 0 } most ? int.Parse(most, System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;

    public static TheoryData<string, string> VendorsAndCasts
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Cast cast in Casts.All)
            {
                data.Add("tdx", cast.Name);
                data.Add("sev", cast.Name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(VendorsAndCasts))]
    public void No_schedule_leads_to_anything_wrong(string vendor, string cast)
    {
        string? wanted = Environment.GetEnvironmentVariable("TEEIO_EXPLORER");
        var options = new ExplorerOptions
        {
            Depth = wanted switch
            {
                null or "" => Depth,
                "all" => int.MaxValue,
                _ => int.Parse(wanted, System.Globalization.CultureInfo.InvariantCulture),
            },
            Preemptions = s_preemptions,
            Random = RandomSchedules,
        };
        Exploration found = new Explorer(ExploredVendor.Find(vendor), Casts.Find(cast), options).Run();
        Tell($"{vendor}, {cast}, seed {options.Seed}: {found}");
        Assert.True(found.Failure is null, found.Failure?.Describe());
        Assert.True(found.IsComplete || found.Preemptions == s_preemptions);
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void A_state_set_before_the_call_that_can_fail_is_found(string vendor)
    {
        ExploredVendor hasty = ExploredVendor.Find(vendor) with { WrapDriver = driver => new HastyTsm(driver) };
        Exploration found = new Explorer(hasty, Casts.All[2], new ExplorerOptions { Runs = 2000 }).Run();
        Tell($"{vendor}, hasty driver: {found}");
        Assert.NotNull(found.Failure);
        Tell(found.Failure.Describe());
        Assert.Contains(found.Failure.Problems, p => p.Contains("a fresh bind works", StringComparison.Ordinal));
        Assert.Equal(1, found.Failure.Preemptions);
    }

    [Theory]
    [InlineData("tdx")]
    [InlineData("sev")]
    public void A_response_that_is_read_after_unbind_is_found(string vendor)
    {
        ExploredVendor late = ExploredVendor.Find(vendor) with { WrapCore = (core, scheduler) => new LateCore(core, scheduler) };
        Exploration found = new Explorer(late, Casts.All[0], new ExplorerOptions { Runs = 2000 }).Run();
        Tell($"{vendor}, late core: {found}");
        Assert.NotNull(found.Failure);
        Tell(found.Failure.Describe());
        Assert.Contains(found.Failure.Problems, p => p.StartsWith("invariant 9", StringComparison.Ordinal));
        Assert.Equal(1, found.Failure.Preemptions);
    }

    private void Tell(string text)
    {
        output.WriteLine(text);
        if (Environment.GetEnvironmentVariable("TEEIO_EXPLORER_LOG") is { Length: > 0 } log) File.AppendAllText(log, text + "\n");
    }
}
