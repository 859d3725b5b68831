using System.Runtime.CompilerServices;
using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Sev.Firmware.Platform;

/// <summary>KVM's part of a VMGEXIT: what it answers by itself, and in which form the rest reaches user space.</summary>
/// <param name="memory">The machine's memory.</param>
/// <param name="vms">The VMs.</param>
/// <param name="mmio">KVM's private MMIO.</param>
internal sealed class SevExitEncoder(PhysicalMemory memory, SevVmTable vms, SevConfidentialMemory mmio) : IExitEncoder
{
    private readonly ConditionalWeakTable<ConfidentialVm, Dictionary<int, KvmGhcb>> _ghcbs = [];

    public uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit)
    {
        KvmGhcb ghcb = Of(vcpu);
        ulong msr = registers[Register.Rax];
        if (msr % PhysicalMemory.PageSize == 0) return ghcb.Enter(vcpu, msr, exit) ? KvmSevConstants.KvmExitVmgexit : null;
        registers[Register.Rax] = ghcb.Answer(vcpu, msr);
        return null;
    }

    public void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit) => Of(vcpu).Complete(vcpu, exit);

    private KvmGhcb Of(IExitingVcpu vcpu)
    {
        Dictionary<int, KvmGhcb> all = _ghcbs.GetValue(vcpu.Vm, static _ => []);
        if (!all.TryGetValue(vcpu.Index, out KvmGhcb? ghcb)) all.Add(vcpu.Index, ghcb = new KvmGhcb(memory, vms, mmio));
        return ghcb;
    }
}
