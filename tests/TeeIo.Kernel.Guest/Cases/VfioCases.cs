using EduDma;
using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;

namespace TeeIo.Kernel.Guest.Cases;

/// <summary>VFIO's device file.</summary>
internal static class VfioCases
{
    private const ulong Page = Iommu.Page;
    private const ulong At = 1 << 24;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;

    public static IReadOnlyList<KernelCase> All { get; } =
    [
        new("VFIO: an unbound device answers EINVAL to all but binding", Unbound),
        new("VFIO_DEVICE_BIND_IOMMUFD: once, to an iommufd", Bind),
        new("VFIO_DEVICE_BIND_IOMMUFD: after KVM_DEV_VFIO_FILE_ADD, with a VM behind it", BindWithKvm),
        new("VFIO_DEVICE_ATTACH_IOMMUFD_PT: each way to fail that the spec lists", AttachErrors),
        new("VFIO_DEVICE_GET_INFO and GET_REGION_INFO: BAR 0, configuration space, and nothing behind the last", Regions),
        new("VFIO: configuration space is read and written at its region's offset", Config),
        new("VFIO: the device's registers in a mapping of BAR 0", Bar),
        new("VFIO_DEVICE_SET_IRQS: the device's interrupt arrives on the eventfd", Interrupt),
        new("VFIO_DEVICE_SET_IRQS: each way to fail that the spec lists", InterruptErrors),
        new("VFIO_DEVICE_RESET and hot reset: edu has none", Reset),
        new("VFIO_DEVICE_RESET: an NVMe controller says that it can be reset, and is", ResetOfNvme),
        new("VFIO_DEVICE_FEATURE: what is there can be probed, what isn't is ENOTTY", Features),
        new("VFIO_DEVICE_FEATURE_DMA_BUF: another device reads the BAR through the mapped dma-buf", DmaBuf),
        new("VFIO_DEVICE_FEATURE_DMA_BUF: revoked by the end of memory decoding, its mapping stays dead for good; a new one works", Revoke),
        new("VFIO_DEVICE_FEATURE_DMA_BUF: each way to fail that the spec lists", DmaBufErrors),
        new("VFIO: closing the device takes it from the iommufd", Close),
    ];

    private static void Unbound()
    {
        Fd file = EduDevice.Open();
        VfioDeviceClient vfio = new(Iommu.Linux, file, Outcomes.Hub);
        Assert.Equal(Errno.EINVAL, vfio.TryGetInfo(out _, out _, out _, out _).Errno);
        Assert.Equal(Errno.EINVAL, vfio.TryGetRegionInfo(out _, 0, out _, out _, out _).Errno);
        Assert.Equal(Errno.EINVAL, Iommu.Linux.Read(file, 0, new byte[4]).Errno);
        PageTableId table = new IoasId(1);
        Assert.Equal(Errno.EINVAL, vfio.TryAttachIommufdPt(VfioAttachFlags.None, ref table, 0).Errno);
        Iommu.Close(file);
    }

    private static void Bind()
    {
        using Iommu iommu = new();
        Fd file = EduDevice.Open();
        VfioDeviceClient vfio = new(Iommu.Linux, file, Outcomes.Hub);
        Assert.Equal(Errno.EBADF, vfio.TryBindIommufd(VfioBindFlags.None, new Fd(999), out _, []).Errno);
        Assert.Equal(Errno.EBADFD, vfio.TryBindIommufd(VfioBindFlags.None, file, out _, []).Errno);
        Assert.Equal(Errno.EINVAL, vfio.TryBindIommufd((VfioBindFlags)(1 << 9), iommu.Fd, out _, []).Errno);
        DeviceId id = vfio.BindIommufd(VfioBindFlags.None, iommu.Fd, []);
        Assert.NotEqual(0u, id.Value);
        Assert.Equal(Errno.EINVAL, vfio.TryBindIommufd(VfioBindFlags.None, iommu.Fd, out _, []).Errno);
        Fd second = EduDevice.Open();
        using Iommu other = new();
        Assert.Equal(Errno.EINVAL, new VfioDeviceClient(Iommu.Linux, second, Outcomes.Hub).TryBindIommufd(VfioBindFlags.None, other.Fd, out _, []).Errno);
        Iommu.Close(second);
        Iommu.Close(file);
    }

    private static void BindWithKvm()
    {
        using Iommu iommu = new();
        Fd kvm = KvmCases.Open();
        Fd vm = new KvmClient(Iommu.Linux, kvm, Outcomes.Hub).CreateVm(VmType.DefaultVm);
        KvmDeviceClient device = new(Iommu.Linux, new KvmVmClient(Iommu.Linux, vm, Outcomes.Hub).CreateDevice(KvmDeviceType.Vfio, CreateDeviceFlags.None), Outcomes.Hub);
        Fd file = EduDevice.Open();
        device.VfioFileAdd(file);
        Assert.Equal(Errno.EEXIST, device.TryVfioFileAdd(file).Errno);
        Assert.Equal(Errno.EBADF, device.TryVfioFileAdd(new Fd(999)).Errno);
        Assert.Equal(Errno.EINVAL, device.TryVfioFileAdd(iommu.Fd).Errno);
        new VfioDeviceClient(Iommu.Linux, file, Outcomes.Hub).BindIommufd(VfioBindFlags.None, iommu.Fd, []);
        device.VfioFileDel(file);
        Assert.Equal(Errno.ENOENT, device.TryVfioFileDel(file).Errno);
        Iommu.Close(file);
        Iommu.Close(device.Fd);
        Iommu.Close(vm);
        Iommu.Close(kvm);
    }

    private static void AttachErrors()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        PageTableId none = new IoasId(99);
        Assert.Equal(Errno.ENOENT, edu.Calls.TryAttachIommufdPt(VfioAttachFlags.None, ref none, 0).Errno);
        PageTableId self = new(edu.Id.Value);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryAttachIommufdPt(VfioAttachFlags.None, ref self, 0).Errno);
        PageTableId ioas = iommu.Calls.IoasAlloc();
        Assert.Equal(Errno.EINVAL, edu.Calls.TryAttachIommufdPt((VfioAttachFlags)(1 << 9), ref ioas, 0).Errno);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryAttachIommufdPt(VfioAttachFlags.Pasid, ref ioas, 1).Errno);
        edu.Attach(ioas);
        Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(new ObjectId(ioas.Value)).Errno);
        edu.Calls.DetachIommufdPt(VfioDetachFlags.None, 0);
        edu.Calls.DetachIommufdPt(VfioDetachFlags.None, 0);
    }

    private static void Regions()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        edu.Calls.GetInfo(out VfioDeviceFlags flags, out uint regions, out uint irqs, out _);
        Assert.True(flags.HasFlag(VfioDeviceFlags.Pci));
        Assert.False(flags.HasFlag(VfioDeviceFlags.Reset));
        Assert.True(regions > (uint)VfioPciRegion.ConfigRegionIndex);
        Assert.True(irqs > (uint)VfioPciIrq.MsiIrqIndex);
        edu.Calls.GetRegionInfo(out VfioRegionFlags bar, (uint)VfioPciRegion.Bar0RegionIndex, out _, out ulong size, out _);
        Assert.Equal(1ul << 20, size);
        Assert.Equal(VfioRegionFlags.Read | VfioRegionFlags.Write | VfioRegionFlags.Mmap, bar & ~VfioRegionFlags.Caps);
        edu.Calls.GetRegionInfo(out VfioRegionFlags config, (uint)VfioPciRegion.ConfigRegionIndex, out _, out size, out _);
        Assert.Equal((ulong)ConfigSpaceConstants.LegacySize, size);
        Assert.Equal(VfioRegionFlags.Read | VfioRegionFlags.Write, config);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryGetRegionInfo(out _, 99, out _, out _, out _).Errno);
        edu.Calls.GetIrqInfo(out VfioIrqInfoFlags irq, (uint)VfioPciIrq.MsiIrqIndex, out uint count);
        Assert.Equal(1u, count);
        Assert.True(irq.HasFlag(VfioIrqInfoFlags.Eventfd));
        Assert.Equal(Errno.EINVAL, edu.Calls.TryGetIrqInfo(out _, 99, out _).Errno);
    }

    private static void Config()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Assert.Equal((ushort)EduConstants.VendorId, edu.Config(ConfigRegister.VendorId));
        Assert.Equal((ushort)EduConstants.DeviceId, edu.Config(ConfigRegister.DeviceId));
        edu.Command = ConfigCommand.Memory;
        Assert.Equal(ConfigCommand.Memory, edu.Command & (ConfigCommand.Memory | ConfigCommand.Master));
        edu.Command = ConfigCommand.Memory | ConfigCommand.Master;
        Assert.Equal(ConfigCommand.Memory | ConfigCommand.Master, edu.Command & (ConfigCommand.Memory | ConfigCommand.Master));
    }

    private static void Bar()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Assert.Equal(0xEDu, edu.Get(EduRegister.Identification) & 0xFF);
        edu.Set(EduRegister.Liveness, 0x1234_5678);
        Assert.Equal(~0x1234_5678u, edu.Get(EduRegister.Liveness));
        edu.Set(EduRegister.Factorial, 5);
        for (int i = 0; i < 1000 && ((EduStatus)edu.Get(EduRegister.Status)).HasFlag(EduStatus.Computing); i++) Thread.Sleep(1);
        Assert.Equal(120u, edu.Get(EduRegister.Factorial));
    }

    private static void Interrupt()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Fd signal = new((int)LinuxTransport.OpenEvent().Value);
        edu.Calls.SetIrqs(VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger, (uint)VfioPciIrq.MsiIrqIndex, 0, [signal]);
        Assert.Equal(0, LinuxTransport.Wait(signal, TimeSpan.Zero).Value);
        edu.Set(EduRegister.InterruptRaise, (uint)EduInterrupt.Dma);
        Assert.Equal(1u, Count());
        Assert.Equal((uint)EduInterrupt.Dma, edu.Get(EduRegister.InterruptStatus));
        edu.Set(EduRegister.InterruptAck, (uint)EduInterrupt.Dma);
        edu.Calls.SetIrqs(VfioIrqSetFlags.DataNone | VfioIrqSetFlags.ActionTrigger, (uint)VfioPciIrq.MsiIrqIndex, 0, []);
        Iommu.Close(signal);

        uint Count()
        {
            byte[] bytes = new byte[8];
            Assert.Equal(1, LinuxTransport.Wait(signal, TimeSpan.FromSeconds(5)).Value);
            Assert.Equal(8, Iommu.Linux.Receive(signal, bytes).Value);
            return (uint)BitConverter.ToUInt64(bytes);
        }
    }

    private static void InterruptErrors()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        const VfioIrqSetFlags set = VfioIrqSetFlags.DataEventfd | VfioIrqSetFlags.ActionTrigger;
        Assert.Equal(Errno.EINVAL, edu.Calls.TrySetIrqs(set, 99, 0, [Fd.None]).Errno);
        Assert.Equal(Errno.EINVAL, edu.Calls.TrySetIrqs(set, (uint)VfioPciIrq.MsiIrqIndex, 7, [Fd.None]).Errno);
        Assert.Equal(Errno.ENOTTY, edu.Calls.TrySetIrqs(VfioIrqSetFlags.DataEventfd, (uint)VfioPciIrq.MsiIrqIndex, 0, [Fd.None]).Errno);
        Assert.Equal(Errno.EBADF, edu.Calls.TrySetIrqs(set, (uint)VfioPciIrq.MsiIrqIndex, 0, [new Fd(999)]).Errno);
    }

    private static void Reset()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryReset().Errno);
        Assert.Equal(Errno.ENODEV, edu.Calls.TryGetPciHotResetInfo(out _, out _).Errno);
    }

    private static void ResetOfNvme()
    {
        // QEMU's controller has a function-level reset. What its registers keep is its own affair.
        string function = Directory.GetDirectories("/sys/bus/pci/devices").First(d => File.ReadAllText(Path.Combine(d, "class")).Trim() == "0x010802");
        string address = Path.GetFileName(function);
        File.WriteAllText(Path.Combine(function, "driver_override"), "vfio-pci");
        File.WriteAllText(Path.Combine(function, "driver", "unbind"), address);
        File.WriteAllText("/sys/bus/pci/drivers_probe", address);
        Fd file = EduDevice.Open($"/dev/vfio/devices/{Path.GetFileName(Directory.GetDirectories(Path.Combine(function, "vfio-dev")).Single())}");
        using Iommu iommu = new();
        VfioDeviceClient vfio = new(Iommu.Linux, file, Outcomes.Hub);
        vfio.BindIommufd(VfioBindFlags.None, iommu.Fd, []);
        vfio.GetInfo(out VfioDeviceFlags flags, out _, out _, out _);
        Assert.True(flags.HasFlag(VfioDeviceFlags.Reset));
        vfio.Reset();
        Iommu.Close(file);
    }

    private static void Features()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Assert.True(edu.Calls.TryFeature(VfioFeatureFlags.Probe | VfioFeatureFlags.Get | (VfioFeatureFlags)VfioFeature.DmaBuf).IsOk);
        Assert.Equal(Errno.ENOTTY, edu.Calls.TryFeature(VfioFeatureFlags.Probe | VfioFeatureFlags.Get | (VfioFeatureFlags)VfioFeature.Migration).Errno);
        Assert.Equal(Errno.ENOTTY, edu.Calls.TryFeature(VfioFeatureFlags.Probe | VfioFeatureFlags.Get | (VfioFeatureFlags)999).Errno);
        Assert.Equal(Errno.EINVAL, edu.Calls.TryFeature(VfioFeatureFlags.Probe | VfioFeatureFlags.Set | (VfioFeatureFlags)VfioFeature.DmaBuf).Errno);
        Assert.Equal(Errno.ENOTTY, edu.Calls.TryFeatureMigration(out _).Errno);
        Assert.Equal(Errno.ENOTTY, edu.Calls.TryFeaturePciVfToken(new byte[16]).Errno);
    }

    private static void DmaBuf()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        using EduDevice other = new(iommu, EduDevice.Second);
        Fd buffer = Export(edu, 0, Page);
        IoasId ioas = iommu.Calls.IoasAlloc();
        other.Attach(ioas);
        ulong registers = At;
        iommu.Calls.IoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref registers);
        using UserMemory memory = Iommu.Memory(1);
        iommu.Map(ioas, memory, At + Page);
        edu.Set(EduRegister.Liveness, 0xCAFE);
        other.CopyThrough(registers, At + Page, 4);
        other.CopyThrough(registers + (ulong)EduRegister.Liveness, At + Page + 4, 4);
        byte[] read = new byte[8];
        memory.Read(0, read);
        Assert.Equal(0xED, read[0]);
        Assert.Equal(~0xCAFEu, BitConverter.ToUInt32(read, 4));
        Iommu.Close(buffer);
    }

    private static void Revoke()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        using EduDevice other = new(iommu, EduDevice.Second);
        Fd buffer = Export(edu, 0, Page);
        IoasId ioas = iommu.Calls.IoasAlloc();
        other.Attach(ioas);
        ulong registers = At;
        iommu.Calls.IoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref registers);
        edu.Command = ConfigCommand.Master;
        ulong again = At + Page;
        Assert.Equal(Errno.ENODEV, iommu.Calls.TryIoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref again).Errno);
        edu.Command = ConfigCommand.Memory | ConfigCommand.Master;

        // The old mapping is dead, though the buffer is alive again: the device that reads there gets nothing.
        using UserMemory memory = Iommu.Memory(1);
        iommu.Map(ioas, memory, At + (4 * Page));
        other.CopyThrough(registers, At + (4 * Page), 4);
        byte[] read = new byte[8];
        memory.Read(0, read);
        Assert.NotEqual(0xED, read[0]);
        ulong fresh = At + (2 * Page);
        iommu.Calls.IoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref fresh);
        other.CopyThrough(fresh, At + (4 * Page), 4);
        memory.Read(0, read);
        Assert.Equal(0xED, read[0]);

        // It stays dead for a device that comes anew, keeps its range until it is unmapped, and can be.
        other.Calls.DetachIommufdPt(VfioDetachFlags.None, 0);
        other.Attach(ioas);
        other.CopyThrough(registers, At + (4 * Page), 4);
        memory.Read(0, read);
        Assert.NotEqual(0xED, read[0]);
        Assert.Equal(Errno.EEXIST, iommu.Calls.TryIoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref registers).Errno);
        iommu.Unmap(ioas, registers, Page);
        iommu.Calls.IoasMapFile(Both | IoasMapFlags.FixedIova, ioas, buffer, 0, Page, ref registers);
        other.CopyThrough(registers, At + (4 * Page), 4);
        memory.Read(0, read);
        Assert.Equal(0xED, read[0]);
        Iommu.Close(buffer);
    }

    private static void DmaBufErrors()
    {
        using Iommu iommu = new();
        using EduDevice edu = new(iommu);
        Errno Export(VfioPciRegion region, params VfioRegionDmaRange[] ranges) => edu.Calls.TryFeatureDmaBuf(region, 0, ranges, out _).Errno;
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, new VfioRegionDmaRange { Offset = 0, Length = 0 }));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, new VfioRegionDmaRange { Offset = 1, Length = Page }));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, new VfioRegionDmaRange { Offset = 0, Length = edu.BarLength + Page }));
        Assert.Equal(Errno.EOVERFLOW, Export(VfioPciRegion.Bar0RegionIndex, new VfioRegionDmaRange { Offset = ulong.MaxValue - Page + 1, Length = 2 * Page }));
        Assert.Equal(Errno.ENODEV, Export(VfioPciRegion.ConfigRegionIndex, new VfioRegionDmaRange { Offset = 0, Length = Page }));
    }

    private static void Close()
    {
        using Iommu iommu = new();
        IoasId ioas = iommu.Calls.IoasAlloc();
        DeviceId id;
        using (EduDevice edu = new(iommu))
        {
            id = edu.Id;
            edu.Attach(ioas);
            Assert.Equal(Errno.EBUSY, iommu.Calls.TryDestroy(ioas).Errno);
        }

        iommu.Calls.Destroy(ioas);
        Assert.Equal(Errno.ENOENT, iommu.Calls.TryGetHwInfo(HwInfoFlags.None, id, out _, [], HwInfoType.None, out _, out _, out _).Errno);
    }

    private static Fd Export(EduDevice edu, ulong offset, ulong length) =>
        edu.Calls.FeatureDmaBuf(VfioPciRegion.Bar0RegionIndex, EduDevice.ReadWriteCloseOnExec, [new VfioRegionDmaRange { Offset = offset, Length = length }]);
}
