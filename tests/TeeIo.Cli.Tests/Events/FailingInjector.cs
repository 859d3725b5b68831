using TeeIo.Flow;

namespace TeeIo.Cli.Tests.Events;

/// <summary>Lets calls fail while an event lasts.</summary>
/// <param name="failing">Which.</param>
/// <param name="isOn">Whether the event has begun and has not ended.</param>
internal sealed class FailingInjector(FailingCalls failing, Func<bool> isOn) : ICrossingInjector
{
    public int Failed { get; private set; }

    public Injection Decide(Crossing crossing)
    {
        if (crossing.Side != CrossingSide.Client || Failed == failing.Count || !isOn() || failing.Outcome(crossing.Call) is not { } outcome) return Injection.Proceed;
        Failed++;
        return Injection.Fail(outcome);
    }
}
