using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Guest;

/// <summary>Leaves the TD for the VMM with a sub-function in registers.</summary>
/// <param name="tdcall">The TDCALL instruction.</param>
public sealed class TdVmcallTransport(TdcallClient tdcall) : RegisterTransport
{
    /// <inheritdoc/>
    public override void Call(CallInfo call, ref RegisterFile registers)
    {
        ulong status = tdcall.TryVpVmcall(
            TdcallConstants.VmcallLinuxMask,
            registers[Register.R10],
            registers[Register.R11],
            registers[Register.R12],
            registers[Register.R13],
            registers[Register.R14],
            registers[Register.R15],
            out ulong r10,
            out ulong r11,
            out ulong r12,
            out ulong r13,
            out ulong r14,
            out ulong r15);

        // A call that never left the TD has no answer from the VMM.
        registers[Register.R10] = status == 0 ? r10 : (ulong)TdvmcallStatus.InvalidOperand;
        (registers[Register.R11], registers[Register.R12], registers[Register.R13]) = (r11, r12, r13);
        (registers[Register.R14], registers[Register.R15]) = (r14, r15);
    }
}
