namespace TeeIo.Scheduling;

/// <summary>Chooses which task of a <see cref="DeterministicScheduler"/> runs next. It is asked at every scheduling point, while no task runs.</summary>
public interface ISchedulingPolicy
{
    /// <summary>Chooses.</summary>
    /// <returns>Index of the task in <see cref="SchedulingPoint.Ready"/>.</returns>
    /// <remarks>An exception that it throws ends the run and is rethrown by <see cref="DeterministicScheduler.Run"/>.</remarks>
    int Choose(SchedulingPoint point);
}
