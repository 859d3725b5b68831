namespace TeeIo.Scheduling;

/// <summary>A task of the <see cref="DeterministicScheduler"/> and what it waits for.</summary>
internal sealed class SchedulerTask(string name) : ISchedulerTask
{
    public string Name { get; } = name;

    public int Turns { get; set; }

    public SemaphoreSlim Turn { get; } = new(0);

    public int ThreadId { get; set; } = -1;

    public Func<bool>? Condition { get; set; }

    public string? WaitsFor { get; set; }

    public long? WakesAt { get; set; }

    public bool CanRun(long now) => WakesAt is { } wake ? wake <= now : Condition?.Invoke() ?? true;
}
