using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Plain.Calls;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>The CPU and the IOMMU: they walk the tables, and the guest's instruction leaves the guest.</summary>
internal sealed class PlainCpu(PlainPages pages) : IConfidentialCpu
{
    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite) => pages.Walk(vm, gpa);

    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite) => pages.WalkDma(requesterId, address);

    public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu) => new Instruction(vcpu);

    private sealed class Instruction(IVirtualCpu vcpu) : ModelRegisterTransport
    {
        public override void Call(CallInfo call, ref RegisterFile registers)
        {
            if (registers[Register.Rax] != PlainCalls.AcceptPage.Number) vcpu.ExitWithCall(ref registers);
            else registers[Register.Rax] = (ulong)(vcpu.ExitWithPrivateFault(registers[Register.Rbx], isWrite: false) ? PlainStatus.Ok : PlainStatus.Refused);
        }
    }
}
