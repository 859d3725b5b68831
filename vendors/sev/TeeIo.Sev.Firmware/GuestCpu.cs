using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Firmware;

/// <summary>The instructions of one virtual CPU, which runs at VMPL 0. An access that the nested tables or the RMP don't allow leaves the guest, and is tried again when the kernel
/// says that it has helped.</summary>
internal sealed class GuestCpu : SevInstructions, IRmpServer
{
    private const int MaxFaults = 16;
    private const byte LastVmpl = 3;
    private readonly IVirtualCpu _vcpu;
    private readonly SecureWalks _walks;
    private readonly ReverseMap _rmp;

    public GuestCpu(IVirtualCpu vcpu, SecureWalks walks, ReverseMap rmp, CrossingHub? hub)
    {
        (_vcpu, _walks, _rmp) = (vcpu, walks, rmp);
        Rmp = new RmpDispatcher(this, hub);
    }

    public override RegisterTransport<RmpRegisters> Rmp { get; }

    public override ulong GhcbMsr { get; set; }

    public override void VmgExit()
    {
        RegisterFile registers = default;
        registers[Register.Rax] = GhcbMsr;
        _vcpu.ExitWithCall(ref registers);
        GhcbMsr = registers[Register.Rax];
    }

    public RmpResult Pvalidate(ulong address, RmpPageSize pageSize, bool validate, out bool unchanged)
    {
        unchanged = false;
        RmpResult status = Find(address, pageSize, out ulong hpa);
        if (status == RmpResult.Success) unchanged = !_rmp.Validate(hpa, validate);
        return status;
    }

    /// <summary>Checked, but without an effect: there is no virtual CPU at another VMPL.</summary>
    public RmpResult Rmpadjust(ulong address, RmpPageSize pageSize, byte targetVmpl, RmpPermissions permissions, bool vmsa)
    {
        if (targetVmpl > LastVmpl) return RmpResult.FailInput;
        if (targetVmpl == 0) return RmpResult.FailPermission;
        RmpResult status = Find(address, pageSize, out ulong hpa);
        if (status != RmpResult.Success) return status;
        return _rmp[hpa].IsValidated ? RmpResult.Success : RmpResult.FailInput;
    }

    public RmpResult Rmpupdate(ulong address, ulong gpa, RmpAttributes attributes) => RmpResult.FailPermission;

    public RmpResult Psmash(ulong address) => RmpResult.FailPermission;

    private RmpResult Find(ulong address, RmpPageSize pageSize, out ulong hpa)
    {
        hpa = 0;
        if (address % PhysicalMemory.PageSize != 0 || pageSize > RmpPageSize.Size2m) return RmpResult.FailInput;
        for (int fault = 0; fault < MaxFaults; fault++)
        {
            PageWalkResult result = _walks.Find(_vcpu.Vm, address, out hpa);
            if (result is PageWalkResult.Mapped or PageWalkResult.Pending) return pageSize == RmpPageSize.Size4k ? RmpResult.Success : RmpResult.FailSizemismatch;
            if (!_vcpu.ExitWithPrivateFault(address, isWrite: true)) break;
        }

        return RmpResult.FailInput;
    }
}
