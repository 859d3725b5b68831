using TeeIo.Scheduling;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>Makes the choices of a given schedule, notes each, and goes on after its end: without preemption up to a depth, by a seed beyond.</summary>
/// <param name="schedule">The choices to make first.</param>
/// <param name="depth">How many points go without preemption.</param>
/// <param name="seed">Seed of what comes after them.</param>
internal sealed class ExploringPolicy(IReadOnlyList<int> schedule, int depth, int seed) : ISchedulingPolicy
{
    /// <summary>More points than any run needs: a run that has this many goes round in circles.</summary>
    private const int Limit = 50_000;

    private readonly SeededPolicy _beyond = new(seed);
    private readonly List<ExploredPoint> _points = [];
    private int _all;

    /// <summary>Reads the state, for its hash.</summary>
    public Func<SchedulingPoint, ulong> State { get; set; } = static _ => 0;

    /// <summary>Counts crossings.</summary>
    public Func<int> Crossings { get; set; } = static () => 0;

    /// <summary>The points with a choice, in order.</summary>
    public IReadOnlyList<ExploredPoint> Points => _points;

    public int Choose(SchedulingPoint point)
    {
        if (++_all > Limit) throw new TimeoutException($"No end after {Limit} scheduling points.");
        if (point.Ready.Count == 1) return 0;
        int current = -1;
        for (int i = 0; i < point.Ready.Count; i++)
        {
            if (ReferenceEquals(point.Ready[i], point.Current)) current = i;
        }

        int number = _points.Count;
        int choice = number < schedule.Count ? schedule[number] : number >= depth ? _beyond.Choose(point) : Math.Max(current, 0);
        _points.Add(new ExploredPoint([.. point.Ready.Select(t => t.Name)], current, choice, number < depth ? State(point) : 0, Crossings()));
        return choice;
    }
}
