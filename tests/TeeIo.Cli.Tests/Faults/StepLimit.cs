using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Faults;

/// <summary>Ends a run that goes round in circles.</summary>
/// <param name="inner">What decides until then.</param>
internal sealed class StepLimit(ICrossingInjector? inner) : ICrossingInjector
{
    private const int Limit = 100_000;
    private int _steps;

    public Injection Decide(Crossing crossing)
    {
        if (++_steps > Limit) throw new TimeoutException($"No end after {Limit} crossings, in {crossing.Call.Name} by {crossing.Task}.");
        return inner?.Decide(crossing) ?? Injection.Proceed;
    }
}
