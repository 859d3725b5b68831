using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>What the VMM does for a guest that asks through a vendor's call.</summary>
internal sealed class VmmServices(VirtualMachineMonitor vmm, CrossingHub hub) : IVmmServices
{
    public SysResult SupportsTrustedIo(ConfidentialVm vm, uint guestRid) =>
        vmm.Find(guestRid) is null ? Errno.ENODEV : SysResult.Of(vmm.Uapi.CanBind ? 1 : 0);

    public SysResult Bind(ConfidentialVm vm, uint guestRid)
    {
        if (vmm.Find(guestRid) is not { } device) return Errno.ENODEV;
        using ContextScope about = hub.About(device.Subject);
        return device.IsBound ? Errno.EBUSY : vmm.Uapi.Bind(device);
    }

    public SysResult Unbind(ConfidentialVm vm, uint guestRid)
    {
        if (vmm.Find(guestRid) is not { } device) return Errno.ENODEV;
        using ContextScope about = hub.About(device.Subject);
        return vmm.Uapi.Unbind(device);
    }

    public SysResult Request(ConfidentialVm vm, uint guestRid, RequestKind kind, ReadOnlySpan<byte> request, Span<byte> response)
    {
        if (vmm.Find(guestRid) is not { } device) return Errno.ENODEV;
        using ContextScope about = hub.About(device.Subject);
        return vmm.Uapi.Request(device, kind, request, response);
    }

    public SysResult Evidence(ConfidentialVm vm, uint guestRid, EvidenceObject @object, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> request, Span<byte> response)
    {
        if (vmm.Find(guestRid) is not { } device) return Errno.ENODEV;
        using ContextScope about = hub.About(device.Subject);
        return vmm.Uapi.Evidence(device, @object, nonce, request, response);
    }
}
