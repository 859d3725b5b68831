using TeeIo.Boundaries;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

/// <summary>A VM with one device assigned, up to the vDEVICE.</summary>
internal sealed class AssignedSetup
{
    public const ulong BarGpa = 0xD000_0000;
    public const MemoryFlags DmaBufSlot = MemoryFlags.VfioDmabuf;

    public AssignedSetup(TestMachine machine, SoftwareProcess process, int device = 0, bool joinVm = true)
    {
        (Machine, Process) = (machine, process);
        Vm = machine.Vm(process);
        Fd vfio = Vm.CreateDevice(KvmDeviceType.Vfio, default);
        VfioGroup = new KvmDeviceClient(process, vfio, machine.Hub);
        Iommufd = machine.Iommufd(process);
        Device = machine.Device(process, device);
        if (joinVm) VfioGroup.VfioFileAdd(Device.Fd);
        DeviceId = Device.BindIommufd(default, Iommufd.Fd, []);
        Ioas = Iommufd.IoasAlloc();
        Hwpt = Iommufd.HwptAlloc(HwptAllocFlags.AllocNestParent, DeviceId, Ioas, HwptDataType.None, [], default);
        PageTableId table = Hwpt;
        Device.AttachIommufdPt(default, ref table, 0);
        Viommu = Iommufd.ViommuAlloc(ViommuType.Tsm, DeviceId, Hwpt, []);
        Vdevice = Iommufd.VdeviceAlloc(Viommu, DeviceId, 0x18);
        Seed = new SeedVfioDeviceClient(process, Device.Fd, machine.Hub);
        Device.GetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
        ConfigOffset = config;
    }

    public TestMachine Machine { get; }

    public SoftwareProcess Process { get; }

    public KvmVmClient Vm { get; }

    public KvmDeviceClient VfioGroup { get; }

    public IommufdClient Iommufd { get; }

    public VfioDeviceClient Device { get; }

    public DeviceId DeviceId { get; }

    public IoasId Ioas { get; }

    public HwptId Hwpt { get; }

    public ViommuId Viommu { get; }

    public VdeviceId Vdevice { get; }

    public SeedVfioDeviceClient Seed { get; }

    /// <summary>Where the device's file has its configuration space.</summary>
    public ulong ConfigOffset { get; }

    /// <summary>Exports the BAR and shows it to the guest.</summary>
    public Fd MapBar()
    {
        Fd buffer = Device.FeatureDmaBuf(VfioPciRegion.Bar0RegionIndex, 0, [new VfioRegionDmaRange { Offset = 0, Length = PlainFunction.Size }]);
        Vm.SetUserMemoryRegion2(1, DmaBufSlot, BarGpa, PlainFunction.Size, null, 0, 0, buffer);
        return buffer;
    }

    public UserMemory MapBarInProcess() =>
        Process.Map(Device.Fd, 0, PlainFunction.Size, out _) ?? throw new InvalidOperationException("The BAR can't be mapped.");
}
