using TeeIo.Flow;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>Keeps every crossing, and lets an injector decide on those of one side.</summary>
internal sealed class CrossingLog(Injection? decision = null, CrossingSide side = CrossingSide.Client) : ICrossingObserver, ICrossingInjector
{
    public List<Crossing> Crossings { get; } = [];

    public CrossingHub Hub => field ??= new CrossingHub([this], this);

    public void Opened(Crossing crossing) => Crossings.Add(crossing);

    public void Closed(Crossing crossing)
    {
    }

    public Injection Decide(Crossing crossing) => decision is { } made && crossing.Side == side ? made : Injection.Proceed;
}
