using TeeIo.Flow;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>Runs a cast under every schedule up to a depth, fewest preemptions first and depth-first among those with as many, and passes over states that it has been in; then by seeds.
/// Tasks can't be copied, so each schedule is run anew from its beginning.</summary>
/// <param name="vendor">Whose machine.</param>
/// <param name="cast">Who acts.</param>
/// <param name="options">How far.</param>
internal sealed class Explorer(ExploredVendor vendor, Cast cast, ExplorerOptions options)
{
    private readonly HashSet<ulong> _seen = [];
    private Stack<Prefix> _now = new();
    private Stack<Prefix> _later = new();
    private int _runs;
    private int _points;

    public Exploration Run()
    {
        _now.Push(new Prefix([], 0));
        int preemptions = -1;
        while (_now.Count > 0 && preemptions < options.Preemptions)
        {
            preemptions++;
            while (_now.TryPop(out Prefix? prefix))
            {
                if (_runs == options.Runs) return Result(preemptions - 1, isComplete: false, 0, null);
                if (RunOnce(prefix, preemptions) is { } failure) return Result(preemptions, isComplete: false, 0, failure);
            }

            (_now, _later) = (_later, _now);
        }

        bool isComplete = _now.Count == 0;
        for (int i = 0; i < options.Random; i++)
        {
            if (Try(new ExploringPolicy([], 0, options.Seed + i)) is { } failure) return Result(preemptions, isComplete, i + 1, failure);
        }

        return Result(preemptions, isComplete, options.Random, null);
    }

    private FailingSchedule? RunOnce(Prefix prefix, int preemptions)
    {
        _runs++;
        var policy = new ExploringPolicy(prefix.Choices, options.Depth, options.Seed + _runs);
        FailingSchedule? failure = Try(policy);
        _points = Math.Max(_points, policy.Points.Count);
        if (failure is null) Branch(policy.Points, prefix, preemptions);
        return failure;
    }

    /// <summary>Notes the schedules that part from a run at each of its new points, until it comes to a state that is known.</summary>
    private void Branch(IReadOnlyList<ExploredPoint> points, Prefix prefix, int preemptions)
    {
        for (int i = prefix.Choices.Length; i < Math.Min(points.Count, options.Depth); i++)
        {
            ExploredPoint point = points[i];
            if (!_seen.Add(point.State)) return;
            for (int choice = 0; choice < point.Ready.Length; choice++)
            {
                if (choice == point.Chosen) continue;
                int needed = prefix.Preemptions + (point.IsPreemption(choice) ? 1 : 0);
                (needed <= preemptions ? _now : _later).Push(new Prefix([.. points.Take(i).Select(p => p.Chosen), choice], needed));
            }
        }
    }

    private FailingSchedule? Try(ExploringPolicy policy)
    {
        using var stage = new Stage(vendor, policy, options.IsCoarse);
        IReadOnlyList<string> problems;
        try
        {
            problems = stage.Run(cast);
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            problems = [$"{e.GetType().Name}: {e.Message}"];
        }

        if (problems.Count == 0) return null;
        string subject = stage.Violations.Select(v => v.Crossing.Subject).FirstOrDefault(s => s?.Contains('/', StringComparison.Ordinal) == true)
            ?? VirtualMachineMonitor.SubjectOf("vm0", 3 << 3);
        FlowReport report = new FlowChecker(stage.Flow, []).Check(stage.Machine.Vendor.Name, stage.Trace, subject);
        report = report with { Rows = [.. report.Rows.Where(r => r.Crossing is not null)], Violations = [.. problems] };
        return new FailingSchedule(problems, policy.Points, stage.Trace, report);
    }

    private Exploration Result(int preemptions, bool isComplete, int random, FailingSchedule? failure) =>
        new(_runs, _seen.Count, _points, preemptions, isComplete, random, failure);

    private sealed record Prefix(int[] Choices, int Preemptions);
}
