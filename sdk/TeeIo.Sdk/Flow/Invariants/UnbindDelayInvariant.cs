using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 11, of one DSM for many VMs: others' requests delay an unbind by a bounded time only. Time is counted in requests that are begun before it.</summary>
public sealed class UnbindDelayInvariant : ITraceInvariant
{
    /// <summary>Requests of others that may go before an unbind that waits. The number is ours: more than the two vCPUs of each of a handful of VMs have on their way.</summary>
    public const int MostRequests = 32;

    /// <inheritdoc/>
    public string Name => "11 (requests delay an unbind by a bounded time)";

    /// <inheritdoc/>
    public IInvariantWatch Watch() => new Queue();

    private sealed class Queue : IInvariantWatch
    {
        /// <summary>Unbinds that wait, and how many requests have gone before each.</summary>
        private readonly Dictionary<Crossing, int> _waiting = [];

        public void Opened(Crossing crossing)
        {
            if (crossing.Side != CrossingSide.Server) return;
            if (crossing.Call == TsmCoreCalls.TsmUnbind) _waiting[crossing] = 0;
            else if (crossing.Call == HostTsmCalls.GuestReq) Overtake(crossing);
        }

        public string? Closed(Crossing crossing) =>
            _waiting.Remove(crossing, out int requests) && requests > MostRequests
                ? $"{requests} requests of others went before the unbind of {crossing.Subject}, which came at {crossing.Sequence} and ended at {crossing.ClosedAt}"
                : null;

        private void Overtake(Crossing request)
        {
            foreach (Crossing unbind in _waiting.Keys.Where(u => u.Subject != request.Subject).ToArray()) _waiting[unbind]++;
        }
    }
}
