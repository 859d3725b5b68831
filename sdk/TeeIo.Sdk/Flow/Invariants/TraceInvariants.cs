namespace TeeIo.Flow.Invariants;

/// <summary>The invariants that hold for every vendor and can be seen in a trace.</summary>
public static class TraceInvariants
{
    /// <summary>All of them, for traces of <paramref name="profile"/>.</summary>
    public static IReadOnlyList<ITraceInvariant> For(FlowProfile profile) =>
    [
        new PrivateMappingInvariant(profile),
        new EvidenceBeforeAcceptanceInvariant(profile),
        new NothingThrewInvariant(),
        new VmOutlivesTdisInvariant(profile),
        new ResetOnlyUnboundInvariant(),
        new NoLateResponseInvariant(),
        new DisconnectLastInvariant(),
        new UnbindDelayInvariant(),
        new NoMigrationWhileBoundInvariant(),
        new MmioPlacementInvariant(),
    ];
}
