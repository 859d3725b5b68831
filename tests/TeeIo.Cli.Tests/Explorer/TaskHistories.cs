using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>What each task has gone through, as a running hash of its crossings and their outcomes: a task that has had the same answers to the same calls stands where it stood.</summary>
internal sealed class TaskHistories : ICrossingObserver
{
    private readonly SortedDictionary<string, ulong> _hashes = new(StringComparer.Ordinal);

    /// <summary>Crossings that have begun or ended.</summary>
    public int Count { get; private set; }

    public void Opened(Crossing crossing) => Add(crossing, Hash.Of(crossing.Call.Name), (ulong)crossing.Side);

    public void Closed(Crossing crossing) => Add(crossing, crossing.Threw ? 1UL : 2UL, (ulong)crossing.Outcome);

    /// <summary>All histories in one number.</summary>
    public ulong Combine(ulong hash)
    {
        foreach ((string task, ulong history) in _hashes) hash = Hash.Add(Hash.Add(hash, Hash.Of(task)), history);
        return hash;
    }

    private void Add(Crossing crossing, ulong what, ulong value)
    {
        Count++;
        _hashes[crossing.Task] = Hash.Add(Hash.Add(_hashes.GetValueOrDefault(crossing.Task), what), value);
    }
}
