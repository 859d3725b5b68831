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
            switch (crossing.Call.Name)
            {
                case "tsm-core.tsm_bind" when Read(crossing, "function") is { } function && Read(crossing, "vm") is { } vm:
                    owners[function] = vm;
                    break;
                case "tsm-core.tsm_unbind" when Read(crossing, "function") is { } function:
                    owners.Remove(function);
                    break;
                case "confidential-memory.destroy_vm" when Read(crossing, "vm") is { } vm && owners.ContainsValue(vm):
                    yield return $"VM {vm} was destroyed at {crossing.ClosedAt} while TDI 0x{owners.First(o => o.Value == vm).Key:x} was bound to it";
                    break;
            }
        }
    }

    private static ulong? Read(Crossing crossing, string name) => CrossingArguments.TryRead(crossing, name, out ulong value) ? value : null;
}
