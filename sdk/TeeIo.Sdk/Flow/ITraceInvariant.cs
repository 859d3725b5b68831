namespace TeeIo.Flow;

/// <summary>Something that must hold on every trace.</summary>
public interface ITraceInvariant
{
    /// <summary>Number and short name, as the design numbers them.</summary>
    string Name { get; }

    /// <summary>Checks the whole trace.</summary>
    /// <returns>One sentence for each violation: what, where, and which crossing.</returns>
    IEnumerable<string> Check(IReadOnlyList<Crossing> trace);
}
