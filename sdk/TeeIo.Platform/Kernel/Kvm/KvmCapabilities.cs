using TeeIo.Boundaries;
using TeeIo.Linux.Kvm;

namespace TeeIo.Platform.Kernel.Kvm;

/// <summary>What KVM_CHECK_EXTENSION answers.</summary>
internal static class KvmCapabilities
{
    public const int MaxVcpus = 64;

    private const int InternalSlots = 3;

    public const int MaxSlots = short.MaxValue - InternalSlots;

    /// <summary>The hypercalls that can go to user space.</summary>
    public const ulong Hypercalls = 1UL << (int)KvmHypercall.MapGpaRange;

    public static SysResult Check(SoftwareKernel kernel, KvmCapability extension, bool isConfidential) => extension switch
    {
        KvmCapability.UserMemory or KvmCapability.SyncMmu or KvmCapability.ReadonlyMem or KvmCapability.DeviceCtrl or KvmCapability.EnableCapVm
            or KvmCapability.CheckExtensionVm or KvmCapability.ImmediateExit or KvmCapability.UserMemory2 or KvmCapability.MemoryFaultInfo
            or KvmCapability.GuestMemfd => SysResult.Of(1),
        KvmCapability.NrVcpus or KvmCapability.MaxVcpus or KvmCapability.MaxVcpuId => SysResult.Of(MaxVcpus),
        KvmCapability.NrMemslots => SysResult.Of(MaxSlots),
        KvmCapability.ExitHypercall => SysResult.Of((long)Hypercalls),
        KvmCapability.MemoryAttributes => SysResult.Of(isConfidential ? (long)MemoryAttributes.Private : 0),
        KvmCapability.VmTypes => SysResult.Of((1L << (int)VmType.DefaultVm) | (1L << (int)kernel.Vendor.MachineType)),
        _ => SysResult.Ok,
    };
}
