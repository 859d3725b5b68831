using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 9: after unbind has returned, no request of the old bind answers.</summary>
public sealed class NoLateResponseInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "9 (no late response)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Unbinds();

    /// <summary>When each TDI was unbound last, and when requests on their way got their answers.</summary>
    private sealed class Unbinds : IInvariantWatch
    {
        private readonly Dictionary<string, int> _unboundAt = new(StringComparer.Ordinal);
        private readonly Dictionary<Crossing, int> _answeredAt = [];

        public string? Closed(Crossing crossing)
        {
            if (crossing is not { Subject: { } subject, Side: CrossingSide.Server, IsSuccess: true }) return null;
            if (crossing.Call == TsmCoreCalls.TsmUnbind) _unboundAt[subject] = crossing.ClosedAt;
            else if (crossing.Call == HostTsmCalls.GuestReq) return Answered(crossing, subject);
            else if (crossing.Call == TsmCoreCalls.TsmGuestReq) return Passed(crossing, subject);
            return null;
        }

        /// <summary>The driver's answer must not come from before an unbind.</summary>
        private string? Answered(Crossing crossing, string subject)
        {
            if (crossing.Parent is { } parent) _answeredAt[parent] = crossing.ClosedAt;
            return _unboundAt.TryGetValue(subject, out int unbound) && crossing.Sequence < unbound
                ? $"{subject} answered a request (opened at {crossing.Sequence}) at {crossing.ClosedAt}, after unbind had returned at {unbound}"
                : null;
        }

        /// <summary>And the core must not pass it on from before one.</summary>
        private string? Passed(Crossing crossing, string subject) =>
            Find(crossing) is { } answered && _unboundAt.TryGetValue(subject, out int unbound) && answered < unbound
                ? $"{subject} got the answer of {answered} to a request (opened at {crossing.Sequence}) at {crossing.ClosedAt}, after unbind had returned at {unbound}"
                : null;

        /// <summary>When the driver answered a request: the driver's side lies within its caller's, which lies within the core's.</summary>
        private int? Find(Crossing request)
        {
            foreach ((Crossing caller, int answered) in _answeredAt)
            {
                if (caller != request && caller.Parent != request) continue;
                _answeredAt.Remove(caller);
                return answered;
            }

            return null;
        }
    }
}
