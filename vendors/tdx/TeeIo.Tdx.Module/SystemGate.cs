using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Module;

/// <summary>What every SEAMCALL meets first: a module that isn't configured serves only its own configuration, one without trusted devices none of their calls.</summary>
internal sealed class SystemGate(SystemState system, ModelRegisterTransport module) : ModelRegisterTransport
{
    private static readonly HashSet<CallInfo> s_early = [SeamcallCalls.SysRd, SeamcallCalls.SysConfig];
    private static readonly HashSet<CallInfo> s_base =
    [
        SeamcallCalls.MemPageAdd, SeamcallCalls.MemPageAug, SeamcallCalls.MemRangeBlock, SeamcallCalls.MngKeyConfig, SeamcallCalls.MngCreate, SeamcallCalls.VpCreate,
        SeamcallCalls.MrFinalize, SeamcallCalls.VpFlush, SeamcallCalls.MngVpflushdone, SeamcallCalls.MngKeyFreeid, SeamcallCalls.MngInit, SeamcallCalls.VpInit,
        SeamcallCalls.PhymemPageReclaim, SeamcallCalls.MemPageRemove, SeamcallCalls.MemTrack, SeamcallCalls.PhymemCacheWb, SeamcallCalls.PhymemPageWbinvd,
    ];

    /// <inheritdoc/>
    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        if (!system.IsReady && !s_early.Contains(call)) registers[Register.Rax] = (ulong)TdxStatus.SysNotReady;
        else if (!system.HasConnect && !s_early.Contains(call) && !s_base.Contains(call)) registers[Register.Rax] = (ulong)TdxStatus.ConnectInvalidState;
        else module.Call(call, ref registers);
    }
}
