using TeeIo.Scheduling;

namespace TeeIo.Flow;

/// <summary>Where all generated boundaries report. Its observers, its injector and its scheduler are the only ones who learn of a step: nothing else logs one.
/// Without them a crossing costs one test and allocates nothing.</summary>
public sealed class CrossingHub
{
    private readonly ICrossingObserver[] _observers;
    private readonly ICrossingInjector? _injector;
    private readonly IActorScheduler? _scheduler;
    private readonly ThreadLocal<Position> _position;
    private int _sequence;

    /// <summary>A hub.</summary>
    /// <param name="observers">Who sees the crossings, in this order.</param>
    /// <param name="injector">Who may keep one from going through, or null.</param>
    /// <param name="scheduler">Whose scheduling point each crossing is, or null.</param>
    public CrossingHub(IEnumerable<ICrossingObserver> observers, ICrossingInjector? injector = null, IActorScheduler? scheduler = null)
    {
        _observers = [.. observers];
        _injector = injector;
        _scheduler = scheduler;
        _position = new ThreadLocal<Position>(() => new Position());
        IsActive = _observers.Length > 0 || injector is not null || scheduler is not null;
    }

    /// <summary>The hub that nobody observes.</summary>
    public static CrossingHub Silent { get; } = new([]);

    /// <summary>Whether anybody observes.</summary>
    public bool IsActive { get; }

    /// <summary>Opens a crossing.</summary>
    /// <param name="call">The call.</param>
    /// <param name="side">The caller's side, or the callee's.</param>
    /// <param name="arguments">The argument bytes.</param>
    public CrossingScope Open(CallInfo call, CrossingSide side, scoped ReadOnlySpan<byte> arguments)
    {
        if (!IsActive) return default;
        _scheduler?.Yield();
        Position position = _position.Value!;
        var crossing = new Crossing(
            Interlocked.Increment(ref _sequence) - 1, call, side, _scheduler?.CurrentTask ?? "main", position.Subject, position.Parent, arguments.ToArray());
        Injection injection = _injector?.Decide(crossing) ?? Injection.Proceed;
        crossing.Entered = injection.Enter;
        foreach (ICrossingObserver observer in _observers) observer.Opened(crossing);
        position.Parent = crossing;
        return new CrossingScope(this, crossing, injection.Outcome);
    }

    /// <summary>Names the TDI that the calling thread's crossings are about, until the result is disposed.</summary>
    public ContextScope About(string subject) => Continue(Capture() with { Subject = subject });

    /// <summary>Where the calling thread stands.</summary>
    public CrossingContext Capture() => IsActive ? new CrossingContext(_position.Value!.Parent, _position.Value.Subject) : default;

    /// <summary>Puts the calling thread where <paramref name="context"/> stands, until the result is disposed.</summary>
    public ContextScope Continue(CrossingContext context)
    {
        if (!IsActive) return default;
        CrossingContext before = Capture();
        Set(context);
        return new ContextScope(this, before);
    }

    internal void Set(CrossingContext context)
    {
        Position position = _position.Value!;
        (position.Parent, position.Subject) = (context.Parent, context.Subject);
    }

    internal void Close(Crossing crossing, long outcome, scoped ReadOnlySpan<byte> arguments, bool threw)
    {
        crossing.Close(Interlocked.Increment(ref _sequence) - 1, outcome, arguments.ToArray(), threw);
        _position.Value!.Parent = crossing.Parent;
        foreach (ICrossingObserver observer in _observers) observer.Closed(crossing);
    }

    private sealed class Position
    {
        public Crossing? Parent { get; set; }

        public string? Subject { get; set; }
    }
}
