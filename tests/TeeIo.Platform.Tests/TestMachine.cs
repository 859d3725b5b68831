using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Platform.Tests;

/// <summary>A kernel with a plain vendor and three functions: a physical one, and two virtual ones that VFIO has.</summary>
internal sealed class TestMachine
{
    public const ulong Bar = 0xC000_0000;
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly ListedErrnos _errnos = new();
    private readonly int _freePages;

    public TestMachine(string profile = "seed-2025-05", ICrossingObserver? observer = null)
    {
        var locks = new LockOrder(_scheduler);
        Hub = new CrossingHub(observer is null ? [_errnos] : [_errnos, observer], null, _scheduler);
        Memory = new PhysicalMemory(512, seed: 7);
        Iommu = new Iommu(Memory);
        var pages = new HostPages(Memory);
        Kernel = new SoftwareKernel(Memory, Iommu, Hub, _scheduler, locks, pages) { Profile = profile };
        Iommu.Trust(Vendor);
        Tsm = new PciTsmCore(Vendor, Kernel.TdiServices, locks, Hub);
        Kernel.Connect(Vendor, Tsm);
        Physical = new TsmFunction(new Pci.PciAddress(0, 0x100), null, null);
        Tsm.Add(Physical);
        for (int i = 0; i < 2; i++)
        {
            ulong bar = Bar + ((ulong)i * PlainFunction.Size);
            var function = new PlainFunction((ushort)(0x101 + i), bar);
            Memory.AttachMmio(bar, PlainFunction.Size, function);
            var tsm = new TsmFunction(function.Address, Physical, null);
            Tsm.Add(tsm);
            Functions.Add(function);
            TsmFunctions.Add(tsm);
            Kernel.AddDevice(function, tsm);
        }

        _freePages = Memory.FreePages;
    }

    public CrossingHub Hub { get; }

    public IActorScheduler Scheduler => _scheduler;

    public PhysicalMemory Memory { get; }

    public Iommu Iommu { get; }

    public SoftwareKernel Kernel { get; }

    public PlainVendor Vendor { get; } = new();

    public PciTsmCore Tsm { get; }

    public TsmFunction Physical { get; }

    public List<PlainFunction> Functions { get; } = [];

    public List<TsmFunction> TsmFunctions { get; } = [];

    /// <summary>Runs a test as a task of the scheduler, ends its process, and checks that nothing is left, and that each errno is one that the call's spec lists.</summary>
    public static void Run(Action<TestMachine, SoftwareProcess> body, string profile = "seed-2025-05", ICrossingObserver? observer = null)
    {
        var machine = new TestMachine(profile, observer);
        machine._scheduler.Start("test", () =>
        {
            machine.Tsm.Connect(machine.Physical);
            SoftwareProcess process = machine.Kernel.CreateProcess("vm0");
            body(machine, process);
            process.Exit();
        });
        machine._scheduler.Run();
        machine.AssertNothingLeft();
    }

    public void Start(string task, Action body) => _scheduler.Start(task, body);

    public void WaitUntil(Func<bool> condition) => _scheduler.WaitUntil(condition, "the test");

    public void AssertNothingLeft()
    {
        Assert.Equal(_freePages, Memory.FreePages);
        Assert.Equal(0, Kernel.LiveVms);
        Assert.All(TsmFunctions, f => Assert.Null(f.Tdi));
        Assert.All(TsmFunctions, f => Assert.False(Iommu.IsAttached(f.Address.RequesterId)));
        Assert.Empty(_errnos.Unlisted);
    }

    public static Fd Open(SoftwareProcess process, string path)
    {
        SysResult opened = process.Open(path);
        Assert.True(opened.IsOk, $"{path}: {opened}");
        return new Fd((int)opened.Value);
    }

    public IommufdClient Iommufd(SoftwareProcess process) => new(process, Open(process, "/dev/iommu"), Hub);

    public VfioDeviceClient Device(SoftwareProcess process, int number) => new(process, Open(process, $"/dev/vfio/devices/vfio{number}"), Hub);

    public KvmVmClient Vm(SoftwareProcess process) => new(process, new KvmClient(process, Open(process, "/dev/kvm"), Hub).CreateVm((VmType)Vendor.MachineType), Hub);
}
