using System.Diagnostics.CodeAnalysis;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>The TDs that exist, and which TD a vCPU's root page belongs to.</summary>
internal sealed class TdTable
{
    private readonly Dictionary<ulong, Td> _tds = [];

    public IEnumerable<Td> All => _tds.Values;

    public void Add(Td td) => _tds.Add(td.Root, td);

    public void Remove(Td td) => _tds.Remove(td.Root);

    /// <summary>Finds a TD whatever its state.</summary>
    public bool TryGet(ulong tdr, [NotNullWhen(true)] out Td? td) => _tds.TryGetValue(tdr, out td);

    /// <summary>Finds a TD that must be in one of <paramref name="opStates"/>, with its key configured.</summary>
    public Outcome Find(TdrId tdr, TdxOperandId operand, out Td td, params ReadOnlySpan<TdOpState> opStates)
    {
        if (!_tds.TryGetValue(tdr.Value, out td!)) return Outcome.Invalid(operand);
        if (td.Lifecycle == TdLifecycleState.HkidAssigned) return TdxStatus.TdKeysNotConfigured;
        if (td.Lifecycle != TdLifecycleState.KeysConfigured) return TdxStatus.LifecycleStateIncorrect;
        return opStates.Contains(td.OpState) ? Outcome.Success : TdxStatus.OpStateIncorrect;
    }

    /// <summary>Finds a vCPU and its TD.</summary>
    public Outcome Find(TdvprId tdvpr, TdxOperandId operand, out Td td, out Vcpu vcpu)
    {
        foreach (Td candidate in _tds.Values)
        {
            if (!candidate.Vcpus.TryGetValue(tdvpr.Value, out vcpu!)) continue;
            td = candidate;
            return Outcome.Success;
        }

        (td, vcpu) = (null!, null!);
        return Outcome.Invalid(operand);
    }
}
