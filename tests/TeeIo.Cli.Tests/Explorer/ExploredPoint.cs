namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A scheduling point of one run at which there was a choice.</summary>
/// <param name="Ready">The tasks that could run.</param>
/// <param name="Current">Index of the task that ran last; -1 where it can't run on.</param>
/// <param name="Chosen">Index of the task that ran next.</param>
/// <param name="State">Hash of the machine's state and of what each task has gone through.</param>
/// <param name="Crossings">Crossings that had begun or ended by then, for the trace.</param>
internal sealed record ExploredPoint(string[] Ready, int Current, int Chosen, ulong State, int Crossings)
{
    /// <summary>Whether choosing a task takes the turn from one that could run on.</summary>
    public bool IsPreemption(int choice) => Current >= 0 && choice != Current;
}
