namespace TeeIo.Vmm;

/// <summary>Steps that take back what was done, run newest first unless all of it succeeded.</summary>
internal sealed class UndoStack : IDisposable
{
    private readonly Stack<Action> _steps = new();

    /// <summary>Adds a step.</summary>
    public void Add(Action step) => _steps.Push(step);

    /// <summary>Keeps what was done.</summary>
    public void Commit() => _steps.Clear();

    /// <summary>Takes back what wasn't committed.</summary>
    public void Dispose()
    {
        while (_steps.TryPop(out Action? step)) step();
    }
}
