namespace TeeIo.Scheduling;

/// <summary>Runs tasks one at a time on threads of their own and picks the next one by a seeded generator at every scheduling point. The same seed and the same tasks give
/// the same order, always. Time passes only when every task waits.</summary>
public sealed class DeterministicScheduler : IActorScheduler
{
    private readonly Lock _gate = new();
    private readonly List<SchedulerTask> _tasks = [];
    private readonly VirtualTimeProvider _time = new();
    private readonly SemaphoreSlim _finished = new(0);
    private ulong _random;
    private SchedulerTask? _current;
    private Exception? _failure;

    /// <summary>A scheduler whose choices follow from <paramref name="seed"/>.</summary>
    public DeterministicScheduler(int seed) => _random = unchecked((ulong)seed * 0x9E3779B97F4A7C15UL) + 1;

    /// <inheritdoc/>
    public string CurrentTask => _current?.Name ?? "setup";

    /// <inheritdoc/>
    public TimeProvider Time => _time;

    /// <inheritdoc/>
    public void Start(string name, Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var task = new SchedulerTask(name);
        lock (_gate)
        {
            if (_tasks.Exists(t => t.Name == name)) throw new ArgumentException($"A task named '{name}' is running already.", nameof(name));
            _tasks.Add(task);
        }

        var thread = new Thread(() => Body(task, body), maxStackSize: 1 << 20) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Runs all tasks until every one has ended.</summary>
    /// <exception cref="SchedulerDeadlockException">All that are left wait for each other.</exception>
    /// <remarks>An exception that escapes a task ends the run and is rethrown here; the other tasks are unwound.</remarks>
    public void Run()
    {
        lock (_gate)
        {
            if (_tasks.Count == 0) return;
            Next();
        }

        _finished.Wait();
        if (_failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_failure);
    }

    /// <inheritdoc/>
    public void Yield()
    {
        if (Mine() is { } task) Switch(task);
    }

    /// <inheritdoc/>
    public void WaitUntil(Func<bool> condition, string what)
    {
        ArgumentNullException.ThrowIfNull(condition);
        if (Mine() is not { } task)
        {
            if (!condition()) throw new SchedulerDeadlockException($"Set-up code waits for {what}, but no task runs yet.");
            return;
        }

        (task.Condition, task.WaitsFor) = (condition, what);
        Switch(task);
    }

    /// <inheritdoc/>
    public void Sleep(TimeSpan duration)
    {
        if (Mine() is not { } task) return;
        task.WakesAt = _time.GetTimestamp() + duration.Ticks;
        Switch(task);
    }

    private SchedulerTask? Mine() => _current is { } task && task.ThreadId == Environment.CurrentManagedThreadId ? task : null;

    private void Body(SchedulerTask task, Action body)
    {
        task.Turn.Wait();
        try
        {
            task.ThreadId = Environment.CurrentManagedThreadId;
            if (_failure is null) body();
        }
        catch (TaskUnwoundException)
        {
            // Another task failed; this one has released what it held on its way here.
        }
#pragma warning disable CA1031 // Whatever escapes a task is rethrown by Run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure ??= e;
        }

        lock (_gate)
        {
            _tasks.Remove(task);
            Next();
        }
    }

    private void Switch(SchedulerTask task)
    {
        if (_failure is not null) throw new TaskUnwoundException();
        lock (_gate) Next();
        task.Turn.Wait();
        if (_failure is not null) throw new TaskUnwoundException();
    }

    /// <summary>Hands the turn to one of the tasks that can run.</summary>
    private void Next()
    {
        if (_tasks.Count == 0)
        {
            _current = null;
            _finished.Release();
            return;
        }

        List<SchedulerTask> ready = _failure is not null ? _tasks : Ready();
        if (ready.Count == 0)
        {
            string waits = string.Join("; ", _tasks.Select(t => $"{t.Name} for {t.WaitsFor ?? "its turn"}"));
            _failure = new SchedulerDeadlockException($"Every task waits: {waits}.");
            ready = _tasks;
        }

        SchedulerTask next = ready[(int)(NextRandom() % (ulong)ready.Count)];
        (next.Condition, next.WaitsFor, next.WakesAt) = (null, null, null);
        _current = next;
        next.Turn.Release();
    }

    private List<SchedulerTask> Ready()
    {
        List<SchedulerTask> ready = _tasks.FindAll(t => t.CanRun(_time.GetTimestamp()));
        if (ready.Count > 0) return ready;
        long? earliest = _tasks.Min(t => t.WakesAt);
        if (earliest is not { } wake) return ready;
        _time.AdvanceTo(wake);
        return _tasks.FindAll(t => t.CanRun(wake));
    }

    private ulong NextRandom()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return _random;
    }
}
