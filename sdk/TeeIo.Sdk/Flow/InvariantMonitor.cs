using System.Collections.Immutable;

namespace TeeIo.Flow;

/// <summary>Checks invariants while a trace happens: put it on a <see cref="CrossingHub"/>, and it looks at each crossing as it ends. A finished trace is checked by the same means
/// (<see cref="Check"/>).</summary>
/// <remarks>Crossings are judged in the order in which their ends arrive. Rules about one TDI need crossings that name it (<see cref="CrossingHub.About"/>) or its function; others are
/// passed over. An invariant that is added late knows nothing of what went before.</remarks>
public sealed class InvariantMonitor : ICrossingObserver
{
    private readonly List<(ITraceInvariant Invariant, IInvariantWatch Watch)> _watches = [];
    private readonly List<Violation> _violations = [];
    private readonly Lock _gate = new();
    private int _closed;
    private bool _hasThrown;

    /// <summary>A monitor.</summary>
    /// <param name="invariants">What must hold; more can be added.</param>
    public InvariantMonitor(params IEnumerable<ITraceInvariant> invariants)
    {
        ArgumentNullException.ThrowIfNull(invariants);
        foreach (ITraceInvariant invariant in invariants) Add(invariant);
    }

    /// <summary>Called for each violation, on the thread that crossed, before its call returns: the place for a breakpoint.</summary>
    public Action<Violation>? Found { get; init; }

    /// <summary>Whether the first violation throws <see cref="InvariantViolationException"/> into the crossing's own thread; later ones are only collected, so that the thread can unwind.
    /// Put the monitor last among the hub's observers then: those behind it don't see that crossing end.</summary>
    public bool ThrowsAtFirst { get; init; }

    /// <summary>What was found so far, in order.</summary>
    public IReadOnlyList<Violation> Violations
    {
        get
        {
            lock (_gate) return [.. _violations];
        }
    }

    /// <summary>Crossings that have ended so far.</summary>
    public int Crossings
    {
        get
        {
            lock (_gate) return _closed;
        }
    }

    /// <summary>Holds a finished trace against invariants: feeds it to a monitor as it happened.</summary>
    /// <param name="invariants">What must hold.</param>
    /// <param name="trace">The trace; crossings that never ended only begin.</param>
    public static IReadOnlyList<Violation> Check(IEnumerable<ITraceInvariant> invariants, IReadOnlyList<Crossing> trace)
    {
        ArgumentNullException.ThrowIfNull(trace);
        var monitor = new InvariantMonitor(invariants);
        IEnumerable<(int At, Crossing Crossing)> opened = trace.Select(c => (c.Sequence, c));
        IEnumerable<(int At, Crossing Crossing)> closed = trace.Where(c => c.ClosedAt >= 0).Select(c => (c.ClosedAt, c));
        foreach ((int at, Crossing crossing) in opened.Concat(closed).OrderBy(e => e.At))
        {
            if (at == crossing.Sequence) monitor.Opened(crossing);
            else monitor.Closed(crossing);
        }

        return monitor.Violations;
    }

    /// <summary>Watches one more invariant from now on; one that is known only once a machine stands, say.</summary>
    public void Add(ITraceInvariant invariant)
    {
        ArgumentNullException.ThrowIfNull(invariant);
        lock (_gate) _watches.Add((invariant, invariant.Watch()));
    }

    /// <inheritdoc/>
    public void Opened(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        lock (_gate)
        {
            foreach ((_, IInvariantWatch watch) in _watches) watch.Opened(crossing);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvariantViolationException">An invariant doesn't hold, for the first time, and <see cref="ThrowsAtFirst"/> is set.</exception>
    public void Closed(Crossing crossing)
    {
        ArgumentNullException.ThrowIfNull(crossing);
        ImmutableArray<Violation> found = Judge(crossing);
        foreach (Violation violation in found) Found?.Invoke(violation);
        if (found.IsEmpty || !ThrowsAtFirst || _hasThrown) return;
        _hasThrown = true;
        throw new InvariantViolationException(found[0]);
    }

    private ImmutableArray<Violation> Judge(Crossing crossing)
    {
        lock (_gate)
        {
            _closed++;
            ImmutableArray<Violation> found = [];
            foreach ((ITraceInvariant invariant, IInvariantWatch watch) in _watches)
            {
                if (watch.Closed(crossing) is { } what) found = found.Add(new Violation(invariant.Name, what, crossing, _closed));
            }

            _violations.AddRange(found);
            return found;
        }
    }
}
