using TeeIo.Boundaries;
using TeeIo.Flow;

namespace TeeIo.Kernel.Guest;

/// <summary>Remembers how each call has ended: what the spec says of errors is held against it.</summary>
internal sealed class Outcomes : ICrossingObserver
{
    private readonly HashSet<CallOutcome> _seen = [];

    /// <summary>The one that all clients of this program report to.</summary>
    public static Outcomes Seen { get; } = new();

    /// <summary>Where clients report.</summary>
    public static CrossingHub Hub { get; } = new([Seen]);

    /// <summary>What was seen, each once.</summary>
    public IEnumerable<CallOutcome> All => _seen.OrderBy(o => o.Call, StringComparer.Ordinal).ThenBy(o => o.Outcome, StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Opened(Crossing crossing)
    {
    }

    /// <inheritdoc/>
    public void Closed(Crossing crossing) => Add(crossing.Call, new SysResult(crossing.Outcome));

    /// <summary>Remembers how a call has ended that was reported to nobody.</summary>
    public void Add(CallInfo call, SysResult result)
    {
        lock (_seen) _seen.Add(new CallOutcome(call.Name, result.Errno.ToString()));
    }
}
