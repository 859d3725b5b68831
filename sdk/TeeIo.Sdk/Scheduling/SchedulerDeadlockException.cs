namespace TeeIo.Scheduling;

/// <summary>Every task waits for something that no other task can bring about.</summary>
public sealed class SchedulerDeadlockException : InvalidOperationException
{
    /// <summary>An error without words.</summary>
    public SchedulerDeadlockException()
    {
    }

    /// <summary>An error that says who waits for what.</summary>
    public SchedulerDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    public SchedulerDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
