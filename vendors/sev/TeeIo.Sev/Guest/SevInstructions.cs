using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Guest;

/// <summary>What an SNP guest's virtual CPU can do beyond ordinary instructions: PVALIDATE and RMPADJUST, the GHCB MSR, and leaving the guest with VMGEXIT.</summary>
public abstract class SevInstructions : ModelRegisterTransport
{
    /// <summary>PVALIDATE and RMPADJUST of this virtual CPU. Its virtual addresses are guest-physical ones.</summary>
    public abstract RegisterTransport<RmpRegisters> Rmp { get; }

    /// <summary>The GHCB MSR: a request on the way out, the answer afterwards.</summary>
    public abstract ulong GhcbMsr { get; set; }

    /// <summary>Leaves the guest. The host sees <see cref="GhcbMsr"/> and answers there, and in the GHCB page that it names.</summary>
    public abstract void VmgExit();

    /// <summary>There are no calls in the general registers on this CPU: any is unknown.</summary>
    public sealed override void Call(CallInfo call, ref RegisterFile registers) => registers[Register.Rax] = ulong.MaxValue;
}
