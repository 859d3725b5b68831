using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 9: after unbind has returned, no request of the old bind answers.</summary>
public sealed class NoLateResponseInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "9 (no late response)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Unbinds();

    /// <summary>When each TDI was unbound last.</summary>
    private sealed class Unbinds : IInvariantWatch
    {
        private readonly Dictionary<string, int> _unboundAt = new(StringComparer.Ordinal);

        public string? Closed(Crossing crossing)
        {
            if (crossing is not { Subject: { } subject, Side: CrossingSide.Server, IsSuccess: true }) return null;
            if (crossing.Call == TsmCoreCalls.TsmUnbind) _unboundAt[subject] = crossing.ClosedAt;
            bool isLate = crossing.Call == HostTsmCalls.GuestReq && _unboundAt.TryGetValue(subject, out int unbound) && crossing.Sequence < unbound;
            return isLate
                ? $"{subject} answered a request (opened at {crossing.Sequence}) at {crossing.ClosedAt}, after unbind had returned at {_unboundAt[subject]}"
                : null;
        }
    }
}
