using TeeIo.Boundaries;
using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Next;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>What each ioctl of the flow puts on the wire. Request numbers and bytes are written by hand from the kernel's headers and the series' patches, not from the specs:
/// client and server come from the same line of a spec, so that a wrong line would cancel out anywhere else.</summary>
public sealed class IoctlVectorTests
{
    private const ulong Page = 4096;
    private static readonly Fd _fd = new(3);

    /// <summary>Each call by name: request number and wire, little-endian, a space between fields.</summary>
    public static TheoryData<string, uint, string> Vectors => new()
    {
        // size 12, flags, out_ioas_id
        { "IOMMU_IOAS_ALLOC", 0x3B81, "0c000000 00000000 00000000" },

        // size 40, flags FIXED_IOVA|WRITEABLE|READABLE, ioas_id, reserved, user_va, length, iova
        { "IOMMU_IOAS_MAP", 0x3B85, "28000000 07000000 05000000 00000000 0050341200 7f0000 0000100000000000 0000008000000000" },

        // size 24, ioas_id, iova, length
        { "IOMMU_IOAS_UNMAP", 0x3B86, "18000000 05000000 0000008000000000 0000100000000000" },

        // size 48, flags NEST_PARENT, dev_id, pt_id, out, reserved, data_type NONE, data_len, data_uptr, fault_id, reserved
        { "IOMMU_HWPT_ALLOC", 0x3B89, "30000000 01000000 02000000 05000000 00000000 00000000 00000000 00000000 0000000000000000 00000000 00000000" },

        // size 40, flags, type 1, dev_id, hwpt_id, out, data_len, reserved, data_uptr
        { "IOMMU_VIOMMU_ALLOC", 0x3B90, "28000000 00000000 01000000 02000000 06000000 00000000 00000000 00000000 0000000000000000" },

        // size 24, viommu_id, dev_id, out, virt_id
        { "IOMMU_VDEVICE_ALLOC", 0x3B91, "18000000 07000000 02000000 00000000 1800000000000000" },

        // size 8, id
        { "IOMMU_DESTROY", 0x3B80, "08000000 07000000" },

        // size 48, vdevice_id, type, type_info_len, req_len, resp_len, three pointers
        {
            "IOMMU_VDEVICE_TSM_GUEST_REQUEST", 0x3B94,
            "30000000 08000000 00000000 00000000 03000000 04000000 0000000000000000 0000000000000000 0000000000000000 [32] aabbcc [40] 00000000"
        },

        // size 16, type BIND, flags, vdevice_id
        { "arm-v5 IOMMU_VDEVICE_TSM_OP", 0x3B95, "10000000 01000000 00000000 08000000" },

        // size 48, vdevice_id, scope STATE_CHANGE, req_len, resp_len, reserved, two pointers, tsm_code
        {
            "arm-v5 IOMMU_VDEVICE_TSM_REQ", 0x3B96,
            "30000000 08000000 01000000 03000000 04000000 00000000 0000000000000000 0000000000000000 0000000000000000 [24] aabbcc [32] 00000000"
        },

        // size 16, type UNBIND, flags, vdevice_id
        { "next IOMMU_VDEVICE_TSM_OP", 0x3B96, "10000000 02000000 00000000 08000000" },

        // size 48, vdevice_id, op SET_TDI_STATE, tvm_arch TDX, req_len, resp_len, two pointers, tsm_code
        {
            "next IOMMU_VDEVICE_TSM_REQ", 0x3B97,
            "30000000 08000000 02000000 03000000 03000000 04000000 0000000000000000 0000000000000000 0000000000000000 [24] aabbcc [32] 00000000"
        },

        // argsz 32, flags, index CONFIG, cap_offset, size, offset
        { "VFIO_DEVICE_GET_REGION_INFO", 0x3B6C, "20000000 00000000 07000000 00000000 0000000000000000 0000000000000000" },

        // argsz 12, flags, count
        { "VFIO_DEVICE_PCI_HOT_RESET", 0x3B71, "0c000000 00000000 00000000" },

        // argsz 24, flags, iommufd, out_devid, token_uuid_ptr
        { "VFIO_DEVICE_BIND_IOMMUFD", 0x3B76, "18000000 00000000 09000000 00000000 0000000000000000" },

        // argsz 16, flags, pt_id, pasid
        { "VFIO_DEVICE_ATTACH_IOMMUFD_PT", 0x3B77, "10000000 00000000 06000000 00000000" },

        // argsz 8+16+16, flags 11|GET, region_index, open_flags, flags, nr_ranges, offset, length
        { "VFIO_DEVICE_FEATURE_DMA_BUF", 0x3B75, "28000000 0b000100 02000000 02000000 00000000 01000000 0010000000000000 0020000000000000" },

        // argsz 16, flags, vdevice_id, pad
        { "VFIO_DEVICE_TSM_BIND", 0x3B7A, "10000000 00000000 08000000 00000000" },

        // argsz 8, flags
        { "VFIO_DEVICE_TSM_UNBIND", 0x3B7B, "08000000 00000000" },
        { "KVM_CREATE_VM", 0x0000AE01, "= 5" },
        { "KVM_GET_VCPU_MMAP_SIZE", 0x0000AE04, string.Empty },
        { "KVM_CREATE_VCPU", 0x0000AE41, "= 1" },

        // slot, flags GUEST_MEMFD, guest_phys_addr, memory_size, userspace_addr, guest_memfd_offset, guest_memfd, pads
        {
            "KVM_SET_USER_MEMORY_REGION2", 0x40A0AE49,
            "01000000 04000000 0000008000000000 0000100000000000 0050341200 7f0000 0010000000000000 0a000000 00000000" + Zeroes(112)
        },

        // size, flags, reserved
        { "KVM_CREATE_GUEST_MEMFD", 0xC040AED4, "0000100000000000 0000000000000000" + Zeroes(48) },

        // address, size, attributes PRIVATE, flags
        { "KVM_SET_MEMORY_ATTRIBUTES", 0x4020AED2, "0000008000000000 0010000000000000 0800000000000000 0000000000000000" },
        { "KVM_RUN", 0x0000AE80, string.Empty },

        // type VFIO, fd, flags
        { "KVM_CREATE_DEVICE", 0xC00CAEE0, "04000000 00000000 00000000" },

        // flags, group FILE, attr FILE_ADD, addr -> the file
        { "KVM_DEV_VFIO_FILE_ADD", 0x4018AEE1, "00000000 01000000 0100000000000000 0000000000000000 [16] 09000000" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_call_puts_these_bytes_on_the_wire(string call, uint request, string wire)
    {
        CapturingTransport transport = new();
        Make(transport, call);
        Assert.Equal(request, transport.Request);
        Assert.Equal(wire.Replace(" ", string.Empty, StringComparison.Ordinal), transport.Wire.Replace(" ", string.Empty, StringComparison.Ordinal));
    }

    private static string Zeroes(int count) => new('0', count * 2);

    private static SysResult Make(CapturingTransport transport, string call)
    {
        IommufdClient iommufd = new(transport, _fd);
        VfioDeviceClient vfio = new(transport, _fd);
        KvmClient kvm = new(transport, _fd);
        KvmVmClient vm = new(transport, _fd);
        using UserMemory memory = transport.Allocate(256 * Page);
        ulong iova = 0x8000_0000, length = memory.Length;
        PageTableId table = new(6);
        return call switch
        {
            "IOMMU_IOAS_ALLOC" => iommufd.TryIoasAlloc(out _),
            "IOMMU_IOAS_MAP" => iommufd.TryIoasMap(
                IoasMapFlags.FixedIova | IoasMapFlags.Writeable | IoasMapFlags.Readable, new IoasId(5), memory, 0, length, ref iova),
            "IOMMU_IOAS_UNMAP" => iommufd.TryIoasUnmap(new IoasId(5), iova, ref length),
            "IOMMU_HWPT_ALLOC" => iommufd.TryHwptAlloc(HwptAllocFlags.AllocNestParent, new DeviceId(2), new IoasId(5), out _, HwptDataType.None, [], default),
            "IOMMU_VIOMMU_ALLOC" => iommufd.TryViommuAlloc(ViommuType.ArmSmmuv3, new DeviceId(2), new HwptId(6), out _, []),
            "IOMMU_VDEVICE_ALLOC" => iommufd.TryVdeviceAlloc(new ViommuId(7), new DeviceId(2), out _, 0x18),
            "IOMMU_DESTROY" => iommufd.TryDestroy(new ViommuId(7)),
            "IOMMU_VDEVICE_TSM_GUEST_REQUEST" => new SeedIommufdClient(transport, _fd).TryVdeviceTsmGuestRequest(
                new VdeviceId(8), default, out _, [], [0xAA, 0xBB, 0xCC], new byte[4]),
            "arm-v5 IOMMU_VDEVICE_TSM_OP" => new ArmV5IommufdClient(transport, _fd).TryVdeviceTsmOp(TeeIo.Linux.ArmV5.TsmOpType.Bind, new VdeviceId(8)),
            "arm-v5 IOMMU_VDEVICE_TSM_REQ" => new ArmV5IommufdClient(transport, _fd).TryVdeviceTsmReq(
                new VdeviceId(8), TsmReqScope.StateChange, [0xAA, 0xBB, 0xCC], new byte[4], out _),
            "next IOMMU_VDEVICE_TSM_OP" => new NextIommufdClient(transport, _fd).TryVdeviceTsmOp(TeeIo.Linux.Next.TsmOpType.Unbind, new VdeviceId(8)),
            "next IOMMU_VDEVICE_TSM_REQ" => new NextIommufdClient(transport, _fd).TryVdeviceTsmReq(
                new VdeviceId(8), TsmReqOp.SetTdiState, TvmArch.Tdx, [0xAA, 0xBB, 0xCC], new byte[4], out _),
            "VFIO_DEVICE_GET_REGION_INFO" => vfio.TryGetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out _),
            "VFIO_DEVICE_BIND_IOMMUFD" => vfio.TryBindIommufd(default, new Fd(9), out _, []),
            "VFIO_DEVICE_ATTACH_IOMMUFD_PT" => vfio.TryAttachIommufdPt(default, ref table, 0),
            "VFIO_DEVICE_FEATURE_DMA_BUF" => vfio.TryFeatureDmaBuf(
                VfioPciRegion.Bar2RegionIndex, 2, [new VfioRegionDmaRange { Offset = Page, Length = 2 * Page }], out _),
            "VFIO_DEVICE_PCI_HOT_RESET" => vfio.TryPciHotReset([]),
            "VFIO_DEVICE_TSM_BIND" => new SeedVfioDeviceClient(transport, _fd).TryTsmBind(new VdeviceId(8)),
            "VFIO_DEVICE_TSM_UNBIND" => new SeedVfioDeviceClient(transport, _fd).TryTsmUnbind(),
            "KVM_CREATE_VM" => kvm.TryCreateVm((VmType)5, out _),
            "KVM_GET_VCPU_MMAP_SIZE" => kvm.TryGetVcpuMmapSize(),
            "KVM_CREATE_VCPU" => vm.TryCreateVcpu(1, out _),
            "KVM_SET_USER_MEMORY_REGION2" => vm.TrySetUserMemoryRegion2(1, MemoryFlags.GuestMemfd, iova, length, memory, 0, Page, new Fd(10)),
            "KVM_CREATE_GUEST_MEMFD" => vm.TryCreateGuestMemfd(length, default, out _),
            "KVM_SET_MEMORY_ATTRIBUTES" => vm.TrySetMemoryAttributes(iova, Page, MemoryAttributes.Private),
            "KVM_RUN" => new KvmVcpuClient(transport, _fd).TryRun(),
            "KVM_CREATE_DEVICE" => vm.TryCreateDevice(KvmDeviceType.Vfio, out _, default),
            "KVM_DEV_VFIO_FILE_ADD" => new KvmDeviceClient(transport, _fd).TryVfioFileAdd(new Fd(9)),
            _ => throw new ArgumentException($"There is no call '{call}' here.", nameof(call)),
        };
    }
}
