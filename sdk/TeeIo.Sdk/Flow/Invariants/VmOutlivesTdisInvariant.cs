using TeeIo.Tsm;

namespace TeeIo.Flow.Invariants;

/// <summary>Invariant 7: a VM dies only after its TDIs.</summary>
public sealed class VmOutlivesTdisInvariant : ITraceInvariant
{
    /// <inheritdoc/>
    public string Name => "7 (a VM outlives its TDIs)";

    /// <inheritdoc/>
    public IEnumerable<string> Check(IReadOnlyList<Crossing> trace)
    {
        var owners = new Dictionary<ulong, ulong>();
        foreach (Crossing crossing in trace.Where(c => c.Side == CrossingSide.Server && c.IsSuccess).OrderBy(c => c.ClosedAt))
        {
            CallInfo call = crossing.Call;
            if (call == TsmCoreCalls.TsmBind && Read(crossing, "function") is { } bound && Read(crossing, "vm") is { } owner) owners[bound] = owner;
            else if (call == TsmCoreCalls.TsmUnbind && Read(crossing, "function") is { } unbound) owners.Remove(unbound);
            else if (call == ConfidentialMemoryCalls.DestroyVm && Read(crossing, "vm") is { } vm && owners.ContainsValue(vm))
                yield return $"VM {vm} was destroyed at {crossing.ClosedAt} while TDI 0x{owners.First(o => o.Value == vm).Key:x} was bound to it";
        }
    }

    private static ulong? Read(Crossing crossing, string name) => CrossingArguments.TryRead(crossing, name, out ulong value) ? value : null;
}
