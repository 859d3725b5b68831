using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 9: after unbind has returned, no request of the old bind answers.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class NoLateResponseInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "9 (no late response)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace) =>
        from tdi in SubjectTrace.Split(profile, trace)
        from unbind in tdi.Served(TsmCoreCalls.TsmUnbind)
        from request in tdi.Served(HostTsmCalls.GuestReq)
        where request.Sequence < unbind.ClosedAt && request.ClosedAt > unbind.ClosedAt
        select $"{tdi.Subject} answered a request (opened at {request.Sequence}) at {request.ClosedAt}, after unbind had returned at {unbind.ClosedAt}";
}
