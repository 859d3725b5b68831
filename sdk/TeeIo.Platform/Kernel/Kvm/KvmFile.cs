using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>An open <c>/dev/kvm</c>.</summary>
internal sealed class KvmFile(SoftwareProcess owner) : KernelFile(owner), IKvmServer
{
    public override SysResult Ioctl(uint request, scoped in IoctlFrame frame) => Known(KvmDispatcher.Dispatch(this, Owner.Kernel.Hub, request, frame));

    public override SysResult Read(ulong offset, Span<byte> destination) => Errno.EINVAL;

    public override SysResult Write(ulong offset, ReadOnlySpan<byte> source) => Errno.EINVAL;

    /// <summary>What KVM answers to a call that the dispatcher doesn't know: of a VM it says ENOTTY, but of itself and of a vCPU EINVAL.</summary>
    public static SysResult Known(SysResult result) => result.Errno == Errno.ENOTTY ? Errno.EINVAL : result;

    public SysResult GetApiVersion() => SysResult.Of((long)KvmApiVersion.Stable);

    /// <remarks>Plain VMs and the vendor's confidential ones.</remarks>
    public SysResult CreateVm(VmType machineType)
    {
        bool isConfidential = (ulong)machineType == Owner.Kernel.Vendor.MachineType;
        if (!isConfidential && machineType != VmType.DefaultVm) return Errno.EINVAL;
        SysResult made = KvmVm.Create(Owner, isConfidential, out KvmVm? vm);
        return made.IsOk ? Owner.Install(new KvmVmFile(Owner, vm!)) : made;
    }

    public SysResult CheckExtension(KvmCapability extension) => KvmCapabilities.Check(Owner.Kernel, extension, isConfidential: true);

    public SysResult GetVcpuMmapSize() => SysResult.Of(RunMemory.ByteLength);

    protected override void Release()
    {
        // It has no state.
    }
}
