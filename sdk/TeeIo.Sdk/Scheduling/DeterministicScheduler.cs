namespace TeeIo.Scheduling;

/// <summary>Runs tasks one at a time on threads of their own and has a policy pick the next one at every scheduling point. The same policy and the same tasks give the same order,
/// always. Time passes only when every task waits.</summary>
public sealed class DeterministicScheduler : IActorScheduler
{
    private readonly Lock _gate = new();
    private readonly List<SchedulerTask> _tasks = [];
    private readonly VirtualTimeProvider _time = new();
    private readonly SemaphoreSlim _finished = new(0);
    private readonly ISchedulingPolicy _policy;
    private SchedulerTask? _current;
    private Exception? _failure;

    /// <summary>A scheduler whose choices follow from <paramref name="seed"/>.</summary>
    public DeterministicScheduler(int seed)
        : this(new SeededPolicy(seed))
    {
    }

    /// <summary>A scheduler whose choices <paramref name="policy"/> makes.</summary>
    public DeterministicScheduler(ISchedulingPolicy policy) => _policy = policy;

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
    /// <remarks>An exception that escapes a task ends the run and is rethrown here; the other tasks are unwound. A <see cref="TaskKilledException"/> ends its own task only.</remarks>
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
        catch (TaskKilledException)
        {
            // Its process is gone; the others run on.
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

        SchedulerTask next = Choose();
        (next.Condition, next.WaitsFor, next.WakesAt) = (null, null, null);
        next.Turns++;
        _current = next;
        next.Turn.Release();
    }

    /// <summary>The task whose turn it is: the policy's choice, and any one once the run has failed and all unwind.</summary>
    private SchedulerTask Choose()
    {
        if (_failure is not null) return _tasks[0];
        List<SchedulerTask> ready = Ready();
        if (ready.Count == 0)
        {
            string waits = string.Join("; ", _tasks.Select(t => $"{t.Name} for {t.WaitsFor ?? "its turn"}"));
            _failure = new SchedulerDeadlockException($"Every task waits: {waits}.");
            return _tasks[0];
        }

        try
        {
            return ready[_policy.Choose(new SchedulingPoint(ready, _tasks, _tasks.Contains(_current!) ? _current : null))];
        }
#pragma warning disable CA1031 // Whatever escapes the policy is rethrown by Run.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = e;
            return _tasks[0];
        }
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
}
