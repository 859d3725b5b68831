using TeeIo.Scheduling;

namespace TeeIo.Cli.Tests.Events;

/// <summary>A seeded order in which one scheduling point is the event's: whoever waits for its moment runs from that point on, as the seed has it.</summary>
/// <param name="seed">Seed of all other choices.</param>
/// <param name="strikesAt">The scheduling point, from 0.</param>
internal sealed class StrikingPolicy(int seed, int strikesAt) : ISchedulingPolicy
{
    public const string Moment = "its moment";

    /// <summary>More points than any run needs: a run that has this many goes round in circles.</summary>
    private const int Limit = 200_000;

    private readonly SeededPolicy _seeded = new(seed);

    /// <summary>Scheduling points so far.</summary>
    public int Points { get; private set; }

    /// <summary>Whether the moment has come.</summary>
    public bool IsDue { get; private set; }

    public int Choose(SchedulingPoint point)
    {
        if (Points == Limit) throw new TimeoutException($"No end after {Limit} scheduling points; living: {string.Join(", ", point.Living.Select(t => $"{t.Name} ({t.WaitsFor ?? "runs"})"))}.");
        int choice = _seeded.Choose(point);
        for (int i = 0; IsDue && i < point.Ready.Count; i++)
        {
            if (point.Ready[i].WaitsFor == Moment) choice = i;
        }

        IsDue |= Points++ >= strikesAt;
        return choice;
    }
}
