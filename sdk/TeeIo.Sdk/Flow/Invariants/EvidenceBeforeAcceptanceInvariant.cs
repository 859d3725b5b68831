using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 2: no acceptance is issued before all evidence of this very bind has verified.</summary>
/// <param name="profile">The profile whose effects make the state.</param>
public sealed class EvidenceBeforeAcceptanceInvariant(FlowProfile profile) : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "2 (evidence before acceptance)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace)
    {
        foreach (SubjectTrace tdi in SubjectTrace.Split(profile, trace))
        {
            foreach (Crossing accept in tdi.Crossings.Where(c => c.Side == CrossingSide.Server && c.Call == GuestTsmCalls.Accept))
            {
                int locked = tdi.LastChange("tdi", "CONFIG_LOCKED", accept.Sequence);
                int kinds = tdi.Served(GuestTsmCalls.Evidence)
                    .Where(e => e.Sequence > locked && e.ClosedAt < accept.Sequence)
                    .Select(e => CrossingArguments.TryRead(e, "kind", out ulong kind) ? kind : ulong.MaxValue)
                    .Distinct()
                    .Count();
                if (locked < 0 || kinds < Enum.GetValues<EvidenceKind>().Length)
                    yield return $"{tdi.Subject} was accepted at {accept.Sequence} with {kinds} pieces of evidence from this bind";
            }
        }
    }
}
