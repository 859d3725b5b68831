namespace TeeIo.Flow;

/// <summary>Lets one crossing fail, once or from there on: what a driver does when its n-th call fails. Give it to a <see cref="CrossingHub"/>; one for each run.</summary>
/// <param name="fault">Which one, and how.</param>
/// <remarks>After Linux's iommufd_fail_nth (tools/testing/selftests/iommu), which fails each allocation of a passing run in turn.</remarks>
public sealed class FaultInjector(CrossingFault fault) : ICrossingInjector
{
    private readonly List<Crossing> _failed = [];

    /// <summary>Crossings that matched so far, whether they failed or not.</summary>
    public int Seen { get; private set; }

    /// <summary>Those that were made to fail, in order; their parents tell amid what.</summary>
    public IReadOnlyList<Crossing> Failed => _failed;

    /// <summary>Whether the fault is over: nothing fails any more.</summary>
    public bool IsOver { get; set; }

    /// <inheritdoc/>
    public Injection Decide(Crossing crossing)
    {
        if (IsOver || !fault.Matches(crossing)) return Injection.Proceed;
        Seen++;
        if (fault.IsPersistent ? Seen < fault.Nth : Seen != fault.Nth) return Injection.Proceed;
        _failed.Add(crossing);
        return Injection.Fail(fault.Outcome);
    }
}
