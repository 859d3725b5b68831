namespace TeeIo.Flow;

/// <summary>Keeps chosen crossings from going through.</summary>
public sealed class CrossingInjector : ICrossingInjector
{
    private readonly List<(Func<Crossing, bool> Applies, Injection Injection)> _rules = [];

    /// <summary>Crossings that were kept from their callee so far.</summary>
    public int Injected { get; private set; }

    /// <summary>Drops every crossing that makes <paramref name="row"/>: the callee isn't entered, the caller sees success and zeroed outputs.</summary>
    public void DropRow(FlowRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        Add(crossing => row.Match.Any(m => FlowMatcher.IsCandidate(m, crossing)), Injection.Drop);
    }

    /// <summary>Does <paramref name="injection"/> to every crossing that <paramref name="applies"/> to; the first rule that applies decides.</summary>
    public void Add(Func<Crossing, bool> applies, Injection injection) => _rules.Add((applies, injection));

    /// <inheritdoc/>
    public Injection Decide(Crossing crossing)
    {
        foreach ((Func<Crossing, bool> applies, Injection injection) in _rules)
        {
            if (!applies(crossing)) continue;
            Injected++;
            return injection;
        }

        return Injection.Proceed;
    }
}
