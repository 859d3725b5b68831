namespace TeeIo.Kernel.Tests;

/// <summary>Errors that the spec lists and no case provokes, each with its reason.</summary>
internal static class Unprovoked
{
    private const string OtherHardware = "a driver of other hardware gives it (Arm's SMMUv3, NVIDIA's command queue)";
    private const string OtherArchitecture = "another architecture's KVM gives it";
    private const string OtherDevice = "another kind of device gives it: edu's driver has the feature, its group has no other device, and it takes no token";
    private const string OtherKernel = "an older kernel gives it";
    private const string Firmware = "firmware of a confidential VM gives it, and the rig has none";
    private const string KvmMemory = "KVM's memory for VMs isn't let fail: fail-nth covers IOMMUFD and VFIO";
    private const string Race = "another thread must reset the device at that moment, and edu has no reset";
    private const string Bug = "a kernel user would have to keep its pages for good, which is a bug of that user";
    private const string Proposed = "no released kernel has slots that show a dma-buf";
    private const string Platform = "the software platform's: no released kernel binds a trusted device";
    private const string Broken = "needs broken memory";

    /// <summary>By "CALL ERRNO".</summary>
    public static IReadOnlyDictionary<string, string> Reasons { get; } = new Dictionary<string, string>
    {
        ["IOMMU_HWPT_ALLOC EIO"] = OtherHardware,
        ["IOMMU_HWPT_INVALIDATE EIO"] = OtherHardware,
        ["IOMMU_HWPT_INVALIDATE ENOMEM"] = OtherHardware,
        ["IOMMU_HW_QUEUE_ALLOC ERANGE"] = OtherHardware,
        ["IOMMU_IOAS_CHANGE_PROCESS ENOMEM"] = "root has no limit of locked memory, and the call itself allocates nothing",
        ["IOMMU_IOAS_UNMAP EDEADLOCK"] = Bug,
        ["IOMMU_VDEVICE_ALLOC EOPNOTSUPP"] = OtherHardware,
        ["KVM_CREATE_DEVICE EEXIST"] = OtherArchitecture,
        ["KVM_CREATE_VM ENOMEM"] = KvmMemory,
        ["KVM_RUN EHWPOISON"] = Broken,
        ["KVM_RUN EIO"] = Firmware,
        ["KVM_RUN ENOEXEC"] = OtherArchitecture,
        ["KVM_RUN ENOMEM"] = KvmMemory,
        ["KVM_SET_MEMORY_ATTRIBUTES EIO"] = Firmware,
        ["KVM_SET_MEMORY_ATTRIBUTES ENOMEM"] = KvmMemory,
        ["KVM_SET_USER_MEMORY_REGION ENOMEM"] = KvmMemory,
        ["KVM_SET_USER_MEMORY_REGION2 EIO"] = Firmware,
        ["KVM_SET_USER_MEMORY_REGION2 ENODEV"] = Proposed,
        ["KVM_SET_USER_MEMORY_REGION2 ENOMEM"] = KvmMemory,
        ["VFIO_DEVICE_ATTACH_IOMMUFD_PT EBUSY"] = Race,
        ["VFIO_DEVICE_ATTACH_IOMMUFD_PT EOPNOTSUPP"] = OtherDevice,
        ["VFIO_DEVICE_BIND_IOMMUFD EACCES"] = OtherDevice,
        ["VFIO_DEVICE_BIND_IOMMUFD EPERM"] = OtherDevice,
        ["VFIO_DEVICE_FEATURE_DMA_BUF ENOTTY"] = OtherKernel,
        ["VFIO_DEVICE_FEATURE_DMA_BUF EOPNOTSUPP"] = OtherDevice,
        ["VFIO_DEVICE_RESET EBUSY"] = Platform,
        ["VFIO_DEVICE_RESET EIO"] = Platform,
    };
}
