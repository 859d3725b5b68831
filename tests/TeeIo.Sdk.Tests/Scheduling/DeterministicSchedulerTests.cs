using TeeIo.Scheduling;

namespace TeeIo.Sdk.Tests.Scheduling;

public sealed class DeterministicSchedulerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(99)]
    public void The_same_seed_gives_the_same_order(int seed) => Assert.Equal(Interleave(seed), Interleave(seed));

    [Fact]
    public void Seeds_give_different_orders() => Assert.True(Enumerable.Range(0, 20).Select(Interleave).Distinct().Count() > 10);

    [Fact]
    public void Time_passes_only_when_every_task_waits()
    {
        var scheduler = new DeterministicScheduler(1);
        var seen = new List<string>();
        scheduler.Start("slow", () =>
        {
            scheduler.Sleep(TimeSpan.FromSeconds(10));
            seen.Add($"slow at {scheduler.Time.GetUtcNow().ToUnixTimeSeconds()}");
        });
        scheduler.Start("fast", () =>
        {
            for (int i = 0; i < 3; i++) scheduler.Yield();
            scheduler.Sleep(TimeSpan.FromSeconds(3));
            seen.Add($"fast at {scheduler.Time.GetUtcNow().ToUnixTimeSeconds()}");
        });
        scheduler.Run();
        Assert.Equal(["fast at 3", "slow at 10"], seen);
    }

    [Fact]
    public void A_deadlock_is_reported_with_who_waits_for_what()
    {
        var scheduler = new DeterministicScheduler(7);
        scheduler.Start("a", () => scheduler.WaitUntil(() => false, "the moon"));
        scheduler.Start("b", () => scheduler.WaitUntil(() => false, "the sun"));
        SchedulerDeadlockException e = Assert.Throws<SchedulerDeadlockException>(scheduler.Run);
        Assert.Contains("a for the moon", e.Message, StringComparison.Ordinal);
        Assert.Contains("b for the sun", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_a_task_ends_the_run_and_unwinds_the_others()
    {
        var scheduler = new DeterministicScheduler(3);
        bool unwound = false;
        scheduler.Start("waits", () =>
        {
            try
            {
                scheduler.WaitUntil(() => false, "nothing");
            }
            finally
            {
                unwound = true;
            }
        });
        scheduler.Start("fails", () => throw new FormatException("as planned"));
        Assert.Equal("as planned", Assert.Throws<FormatException>(scheduler.Run).Message);
        Assert.True(unwound);
    }

    [Fact]
    public void A_task_may_start_another()
    {
        var scheduler = new DeterministicScheduler(5);
        var names = new List<string>();
        scheduler.Start("first", () =>
        {
            scheduler.Start("second", () => names.Add(scheduler.CurrentTask));
            names.Add(scheduler.CurrentTask);
        });
        scheduler.Run();
        Assert.Equal(["first", "second"], names.Order());
    }

    private static string Interleave(int seed)
    {
        var scheduler = new DeterministicScheduler(seed);
        var order = new System.Text.StringBuilder();
        foreach (char name in "abc")
        {
            scheduler.Start(name.ToString(), () =>
            {
                for (int i = 0; i < 6; i++)
                {
                    order.Append(name);
                    scheduler.Yield();
                }
            });
        }

        scheduler.Run();
        return order.ToString();
    }
}
