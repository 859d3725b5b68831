namespace TeeIo.Flow;

/// <summary>Something that must hold on every trace. It states the rule; what it has seen of one trace is in the watch that it starts.</summary>
public interface ITraceInvariant
{
    /// <summary>Number and short name, as the design numbers them.</summary>
    string Name { get; }

    /// <summary>Starts to watch one trace from its beginning.</summary>
    IInvariantWatch Watch();
}
