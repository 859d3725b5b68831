using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 1: creating a private mapping needs a bound TDI in CONFIG_LOCKED or RUN; while one exists its TDI isn't let go; private work succeeds in RUN only.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class PrivateMappingInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "1 (private mappings)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace)
    {
        foreach (SubjectTrace tdi in SubjectTrace.Split(profile, trace))
        {
            foreach (Crossing map in tdi.Served(ConfidentialMemoryCalls.MapMmio))
            {
                string state = tdi.StateAt("tdi", map.Sequence);
                if (state is not ("CONFIG_LOCKED" or "RUN") || tdi.StateAt("bound", map.Sequence) != "yes")
                    yield return $"{tdi.Subject} got a private mapping at {map.Sequence} in {state}, bound={tdi.StateAt("bound", map.Sequence)}";
            }

            foreach (Crossing unbind in tdi.Served(TsmCoreCalls.TsmUnbind))
            {
                if (tdi.StateAt("mmio", unbind.ClosedAt) == "yes") yield return $"{tdi.Subject} was let go at {unbind.ClosedAt} while private MMIO was mapped";
            }

            foreach (Crossing work in tdi.Served(GuestDeviceOpsCalls.Work))
            {
                if (tdi.StateAt("tdi", work.Sequence) != "RUN") yield return $"{tdi.Subject} worked privately at {work.Sequence} in {tdi.StateAt("tdi", work.Sequence)}";
            }
        }
    }
}
