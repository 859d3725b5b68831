using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>Several faults in one run. Each counts all crossings that it matches, whichever of them the others let fail.</summary>
internal sealed class FaultSequence(params IEnumerable<CrossingFault> faults) : ICrossingInjector
{
    private readonly FaultInjector[] _injectors = [.. faults.Select(f => new FaultInjector(f))];

    /// <summary>The crossings that failed.</summary>
    public IEnumerable<Crossing> Failed => _injectors.SelectMany(i => i.Failed);

    /// <summary>Whether each fault came.</summary>
    public bool HasAllHappened => _injectors.All(i => i.Failed.Count > 0);

    public Injection Decide(Crossing crossing)
    {
        Injection decided = Injection.Proceed;
        foreach (FaultInjector injector in _injectors)
        {
            Injection next = injector.Decide(crossing);
            if (decided.Enter) decided = next;
        }

        return decided;
    }

    /// <summary>Nothing fails any more.</summary>
    public void End()
    {
        foreach (FaultInjector injector in _injectors) injector.IsOver = true;
    }
}
