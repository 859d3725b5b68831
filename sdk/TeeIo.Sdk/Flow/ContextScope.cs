namespace TeeIo.Flow;

/// <summary>Restores a thread's place in the trace when disposed.</summary>
public readonly ref struct ContextScope
{
    private readonly CrossingHub? _hub;
    private readonly CrossingContext _before;

    internal ContextScope(CrossingHub hub, CrossingContext before) => (_hub, _before) = (hub, before);

    /// <summary>Restores the place.</summary>
    public void Dispose() => _hub?.Set(_before);
}
