using TeeIo.Scheduling;

namespace TeeIo.Sdk.Tests.Scheduling;

public sealed class SchedulingPolicyTests
{
    [Fact]
    public void A_policy_chooses_at_every_point_and_sees_who_waits_for_what()
    {
        var policy = new Last();
        var scheduler = new DeterministicScheduler(policy);
        List<string> order = [];
        foreach (string name in new[] { "a", "b" })
        {
            scheduler.Start(name, () =>
            {
                order.Add(name);
                scheduler.WaitUntil(() => true, $"{name}'s turn");
                order.Add(name);
            });
        }

        scheduler.Run();
        Assert.Equal(["b", "b", "a", "a"], order);
        Assert.Equal(["- of a, b", "b of a, b (b's turn)", "- of a", "a of a (a's turn)"], policy.Seen);
    }

    [Fact]
    public void What_a_policy_throws_ends_the_run()
    {
        var scheduler = new DeterministicScheduler(new Tired());
        scheduler.Start("a", () =>
        {
            while (true) scheduler.Yield();
        });
        Assert.Throws<TimeoutException>(scheduler.Run);
    }

    [Fact]
    public void A_task_that_is_killed_ends_alone()
    {
        var scheduler = new DeterministicScheduler(1);
        bool released = false;
        bool ended = false;
        scheduler.Start("killed", () =>
        {
            try
            {
                scheduler.Yield();
                throw new TaskKilledException("killed");
            }
            finally
            {
                released = true;
            }
        });
        scheduler.Start("other", () =>
        {
            scheduler.WaitUntil(() => released, "the release");
            ended = true;
        });
        scheduler.Run();
        Assert.True(ended);
    }

    /// <summary>Chooses the task that was started last.</summary>
    private sealed class Last : ISchedulingPolicy
    {
        public List<string> Seen { get; } = [];

        public int Choose(SchedulingPoint point)
        {
            string waits = point.Current?.WaitsFor is { } what ? $" ({what})" : string.Empty;
            Seen.Add($"{point.Current?.Name ?? "-"} of {string.Join(", ", point.Living.Select(t => t.Name))}{waits}");
            return point.Ready.Count - 1;
        }
    }

    private sealed class Tired : ISchedulingPolicy
    {
        private int _points;

        public int Choose(SchedulingPoint point) => ++_points < 10 ? 0 : throw new TimeoutException();
    }
}
