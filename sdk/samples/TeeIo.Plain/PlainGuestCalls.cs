using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;
using TeeIo.Plain.Calls;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Plain;

/// <summary>Plug point 3, the VMM's: it decodes the guest's hypercalls.</summary>
[TsmDriver]
internal sealed partial class PlainGuestCalls(VmmContext vmm) : GuestCallDecoderDriver
{
    protected override SysResult HandleExit(HandleExitContext context)
    {
        if (context.ExitReason != (uint)ExitReason.Hypercall || !HypercallExit.TryRead(context.Exit, out RegisterFile registers)) return SysResult.Of(0);
        var server = new PlainServer(context.Vm, context.Services, vmm.Memory);
        new PlainDispatcher(server, vmm.Hub).Call(PlainCalls.Lock, ref registers);
        HypercallExit.WriteAnswer(in registers, context.Exit);
        return SysResult.Of(1);
    }
}
