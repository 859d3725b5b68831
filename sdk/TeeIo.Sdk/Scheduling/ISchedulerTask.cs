namespace TeeIo.Scheduling;

/// <summary>A task as a <see cref="ISchedulingPolicy"/> sees it.</summary>
public interface ISchedulerTask
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>How often it has had its turn: how far it has come.</summary>
    int Turns { get; }

    /// <summary>What it waits for or has just waited for, in words; null where it only gave up its turn.</summary>
    string? WaitsFor { get; }
}
