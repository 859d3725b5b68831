namespace TeeIo.Scheduling;

/// <summary>A hold on an <see cref="OrderedLock"/>, released when disposed.</summary>
public readonly ref struct LockHold
{
    private readonly OrderedLock? _lock;

    internal LockHold(OrderedLock @lock) => _lock = @lock;

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock?.Release();
}
