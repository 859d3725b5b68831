namespace TeeIo.Scheduling;

/// <summary>Knows which locks each thread holds, and throws where one is taken out of order or a contract on locks isn't met.</summary>
/// <param name="scheduler">Whose scheduling point each lock is.</param>
public sealed class LockOrder(IActorScheduler scheduler)
{
    private readonly ThreadLocal<List<Held>> _held = new(() => []);

    internal IActorScheduler Scheduler { get; } = scheduler;

    /// <summary>Whether the calling thread holds no lock.</summary>
    public bool IsClear => _held.Value!.Count == 0;

    /// <summary>Demands that the calling thread holds a lock of <paramref name="lockClass"/>.</summary>
    /// <param name="lockClass">The class.</param>
    /// <param name="shared">Whether a shared hold is enough; an exclusive one always is.</param>
    /// <exception cref="LockOrderException">It doesn't.</exception>
    public void RequireHeld(LockClass lockClass, bool shared)
    {
        ArgumentNullException.ThrowIfNull(lockClass);
        foreach (Held held in _held.Value!)
        {
            if (held.Lock.Class == lockClass && (shared || !held.Shared)) return;
        }

        throw new LockOrderException($"{Scheduler.CurrentTask} must hold {lockClass.Name}{(shared ? " (shared)" : string.Empty)} here; it holds {Describe()}.");
    }

    /// <summary>Demands that the calling thread holds no lock of <paramref name="lockClass"/>.</summary>
    /// <exception cref="LockOrderException">It holds one.</exception>
    public void RequireNotHeld(LockClass lockClass)
    {
        ArgumentNullException.ThrowIfNull(lockClass);
        if (_held.Value!.Exists(h => h.Lock.Class == lockClass))
            throw new LockOrderException($"{Scheduler.CurrentTask} must not hold {lockClass.Name} here; it holds {Describe()}.");
    }

    internal void Enter(OrderedLock @lock, bool shared)
    {
        List<Held> held = _held.Value!;
        if (held.Count > 0 && held[^1].Lock.Class.Rank >= @lock.Class.Rank)
            throw new LockOrderException($"{Scheduler.CurrentTask} takes {@lock} while it holds {Describe()}: locks are taken outermost first.");
        held.Add(new Held(@lock, shared));
    }

    internal void Leave(OrderedLock @lock)
    {
        List<Held> held = _held.Value!;
        int index = held.FindLastIndex(h => h.Lock == @lock);
        if (index < 0) throw new LockOrderException($"{Scheduler.CurrentTask} releases {@lock}, which it doesn't hold.");
        held.RemoveAt(index);
    }

    private string Describe() => _held.Value!.Count == 0 ? "none" : string.Join(", ", _held.Value.Select(h => h.Lock.ToString()));

    private readonly record struct Held(OrderedLock Lock, bool Shared);
}
