namespace TeeIo.Scheduling;

/// <summary>A lock with a place in the <see cref="LockOrder"/>: held by one task exclusively or by several shared.</summary>
public sealed class OrderedLock
{
    private readonly LockOrder _order;
    private readonly string _instance;
    private int _readers;
    private bool _writer;

    /// <summary>A free lock.</summary>
    /// <param name="order">The order that it belongs to.</param>
    /// <param name="lockClass">Its class.</param>
    /// <param name="instance">Which one of its class, for messages; may be empty.</param>
    public OrderedLock(LockOrder order, LockClass lockClass, string instance = "")
    {
        _order = order;
        _instance = instance;
        Class = lockClass;
    }

    /// <summary>The class.</summary>
    public LockClass Class { get; }

    /// <summary>Whether no task holds it.</summary>
    public bool IsFree => !_writer && _readers == 0;

    /// <summary>Takes the lock exclusively, waiting while any other task holds it.</summary>
    /// <exception cref="LockOrderException">Taken out of order.</exception>
    public LockHold Acquire()
    {
        _order.Enter(this, shared: false);
        _order.Scheduler.WaitUntil(() => IsFree, ToString());
        _writer = true;
        return new LockHold(this);
    }

    /// <summary>Takes the lock shared, waiting while another task holds it exclusively.</summary>
    /// <exception cref="LockOrderException">Taken out of order.</exception>
    public LockHold AcquireShared()
    {
        _order.Enter(this, shared: true);
        _order.Scheduler.WaitUntil(() => !_writer, ToString());
        _readers++;
        return new LockHold(this);
    }

    internal void Release()
    {
        if (_writer) _writer = false;
        else _readers--;
        _order.Leave(this);
    }

    /// <inheritdoc/>
    public override string ToString() => _instance.Length == 0 ? Class.Name : $"{Class.Name}({_instance})";
}
