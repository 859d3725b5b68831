namespace TeeIo.Scheduling;

/// <summary>Ends the task that it is thrown in, and nothing else: a thread of a process that was killed. What it held on its way is released; no run fails by it.</summary>
public sealed class TaskKilledException : Exception
{
    /// <summary>An end without words.</summary>
    public TaskKilledException()
    {
    }

    /// <summary>An end that says whose.</summary>
    public TaskKilledException(string message)
        : base(message)
    {
    }

    /// <summary>An end with its cause.</summary>
    public TaskKilledException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
