using TeeIo.Linux.Vfio;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 8: a reset is refused while the TDI is bound.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class ResetOnlyUnboundInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "8 (reset only while unbound)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace) =>
        from tdi in SubjectTrace.Split(profile, trace)
        from reset in tdi.Served(VfioCalls.Reset)
        where tdi.StateAt("bound", reset.ClosedAt) == "yes"
        select $"{tdi.Subject} was reset at {reset.ClosedAt} while it was bound";
}
