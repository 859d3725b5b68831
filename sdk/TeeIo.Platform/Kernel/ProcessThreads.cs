using TeeIo.Scheduling;

namespace TeeIo.Platform.Kernel;

/// <summary>The threads of a process: tasks of the machine that end where they stand once the process is killed.</summary>
/// <param name="process">The process.</param>
/// <param name="scheduler">The machine's scheduler.</param>
internal sealed class ProcessThreads(SoftwareProcess process, IActorScheduler scheduler) : IActorScheduler
{
    public string CurrentTask => scheduler.CurrentTask;

    public TimeProvider Time => scheduler.Time;

    public void Yield()
    {
        scheduler.Yield();
        process.ThrowIfKilled();
    }

    public void WaitUntil(Func<bool> condition, string what)
    {
        scheduler.WaitUntil(() => process.IsKilled || condition(), what);
        process.ThrowIfKilled();
    }

    public void Sleep(TimeSpan duration)
    {
        scheduler.Sleep(duration);
        process.ThrowIfKilled();
    }

    public void Start(string name, Action body) => scheduler.Start(name, () =>
    {
        process.ThrowIfKilled();
        body();
    });
}
