namespace TeeIo.Scheduling;

/// <summary>Unwinds a task of a run that another task's exception has ended.</summary>
internal sealed class TaskUnwoundException : Exception;
