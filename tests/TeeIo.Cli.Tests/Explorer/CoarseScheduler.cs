using TeeIo.Flow;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>Leaves out the scheduling points within a driver's link operations, but for what they ask of upper levels: a DSM's operations go one at a time, so that others see of them
/// only how they begin and end. What waits still waits.</summary>
/// <param name="scheduler">Runs the tasks.</param>
internal sealed class CoarseScheduler(IActorScheduler scheduler) : IActorScheduler
{
    private static readonly string s_driver = HostTsmCalls.Bind.Name[..(HostTsmCalls.Bind.Name.IndexOf('.', StringComparison.Ordinal) + 1)];
    private static readonly string s_services = TdiServicesCalls.EnableMmio.Name[..(TdiServicesCalls.EnableMmio.Name.IndexOf('.', StringComparison.Ordinal) + 1)];

    /// <summary>Whose crossings tell where a task stands.</summary>
    public CrossingHub? Hub { get; set; }

    public string CurrentTask => scheduler.CurrentTask;

    public TimeProvider Time => scheduler.Time;

    public void Yield()
    {
        if (!IsInDriver()) scheduler.Yield();
    }

    public void WaitUntil(Func<bool> condition, string what)
    {
        if (!IsInDriver() || !condition()) scheduler.WaitUntil(condition, what);
    }

    public void Sleep(TimeSpan duration) => scheduler.Sleep(duration);

    public void Start(string name, Action body) => scheduler.Start(name, body);

    private bool IsInDriver()
    {
        for (Crossing? c = Hub?.Capture().Parent; c is not null; c = c.Parent)
        {
            if (c.Call.Name.StartsWith(s_services, StringComparison.Ordinal)) return false;
            if (c.Call.Name.StartsWith(s_driver, StringComparison.Ordinal)) return true;
        }

        return false;
    }
}
