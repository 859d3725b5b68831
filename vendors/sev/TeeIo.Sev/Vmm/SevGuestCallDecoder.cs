using TeeIo.Boundaries;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Sev.Vmm;

/// <summary>Serves the GHCB calls that KVM hands to the VMM: SEV_TIO_OP and SEV_TIO_GUEST_REQUEST.</summary>
/// <param name="vmm">The VMM.</param>
[TsmDriver]
public sealed partial class SevGuestCallDecoder(VmmContext vmm) : GuestCallDecoderDriver
{
    private const long Handled = 1;

    /// <inheritdoc/>
    protected override SysResult HandleExit(HandleExitContext context)
    {
        Span<byte> exit = context.Exit;
        if (context.ExitReason != KvmSevConstants.KvmExitVmgexit || !KvmUserVmgexitTioOp.TryRead(exit, out KvmUserVmgexitTioOp op)) return SysResult.Of(0);
        var requests = new TioServer(context.Vm, context.Services, vmm.Memory);
        switch (op.Type)
        {
            case KvmVmgexitType.TioOp:
                requests.Operate(ref op);
                op.Write(exit);
                return SysResult.Of(Handled);
            case KvmVmgexitType.TioReq when KvmUserVmgexitTioReq.TryRead(exit, out KvmUserVmgexitTioReq request):
                requests.Request(ref request);
                request.Write(exit);
                return SysResult.Of(Handled);
            default:
                return SysResult.Of(0);
        }
    }
}
