namespace TeeIo.Scheduling;

/// <summary>Decides which task runs. Every lock and every crossing is a scheduling point.</summary>
public interface IActorScheduler
{
    /// <summary>Name of the calling task.</summary>
    string CurrentTask { get; }

    /// <summary>The clock that tasks wait by.</summary>
    TimeProvider Time { get; }

    /// <summary>A scheduling point: another task may run now.</summary>
    void Yield();

    /// <summary>Lets other tasks run until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">Reads state only; evaluated while no task runs.</param>
    /// <param name="what">What is waited for, in words, for the report of a deadlock.</param>
    void WaitUntil(Func<bool> condition, string what);

    /// <summary>Lets other tasks run until <paramref name="duration"/> has passed on <see cref="Time"/>.</summary>
    void Sleep(TimeSpan duration);

    /// <summary>Starts a task.</summary>
    /// <param name="name">Its name in the trace, unique among living tasks.</param>
    /// <param name="body">What it does.</param>
    void Start(string name, Action body);
}
