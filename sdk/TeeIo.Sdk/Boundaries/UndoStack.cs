namespace TeeIo.Boundaries;

/// <summary>Steps that take back what was done, run newest first unless all of it succeeded.</summary>
public sealed class UndoStack : IDisposable
{
    private Stack<Action>? _steps;

    /// <summary>Adds a step. It must not throw.</summary>
    public void Add(Action step) => (_steps ??= new Stack<Action>()).Push(step);

    /// <summary>Keeps what was done.</summary>
    public void Commit() => _steps?.Clear();

    /// <summary>Takes back what wasn't committed.</summary>
    public void Dispose()
    {
        while (_steps is not null && _steps.TryPop(out Action? step)) step();
    }
}
