namespace TeeIo.Scheduling;

/// <summary>A moment at which another task may run. Valid during the call that it is passed to.</summary>
/// <param name="Ready">The tasks that can run, in the order in which they were started; never empty.</param>
/// <param name="Living">All tasks that have not ended.</param>
/// <param name="Current">The task that ran last; null where it has ended, or none has run yet.</param>
public readonly record struct SchedulingPoint(IReadOnlyList<ISchedulerTask> Ready, IReadOnlyList<ISchedulerTask> Living, ISchedulerTask? Current);
