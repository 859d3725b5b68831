using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Kernel.Guest.Conformance;
using TeeIo.Linux.Kvm;
using TeeIo.Pci;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;
using TeeIo.Platform.Tests;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Kernel.Tests.Conformance;

/// <summary>The software kernel in its profile of Linux 7.3, with the devices of the rig, and a vendor whose protected VMs are of the kind that Linux makes without hardware.</summary>
internal sealed class PlatformTarget : Target, IDisposable
{
    private const ulong Bars = 0xC000_0000;
    private const int Devices = 2;
    private const int Pages = 600;
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly PhysicalMemory _memory = new(Pages, seed: 7);
    private readonly SoftwareKernel _kernel;
    private readonly SoftwareProcess _process;
    private readonly int _freePages;

    private PlatformTarget()
    {
        var locks = new LockOrder(_scheduler);
        var hub = new CrossingHub([], null, _scheduler);
        var iommu = new Platform.Hardware.Iommu(_memory);
        var vendor = new PlainVendor { MachineType = (uint)VmType.SwProtectedVm };
        _kernel = new SoftwareKernel(_memory, iommu, hub, _scheduler, locks, new HostPages(_memory)) { Profile = "linux-7.3" };
        iommu.Trust(vendor);
        var tsm = new PciTsmCore(vendor, _kernel.TdiServices, locks, hub);
        _kernel.Connect(vendor, tsm);
        for (byte i = 0; i < Devices; i++)
        {
            ulong bar = Bars + (i * EduFunction.Size);
            EduFunction function = new(PciAddress.Of(0, 0, (byte)(i + 2), 0), bar);
            _memory.AttachMmio(bar, EduFunction.Size, function);
            var known = new TsmFunction(function.Address, null, null);
            tsm.Add(known);
            _kernel.AddDevice(function, known);
        }

        _process = _kernel.CreateProcess("guest");
        _freePages = _memory.FreePages;
    }

    public override IoctlTransport Transport => _process;

    /// <summary>Runs something on a new machine, and finds nothing of it left afterwards.</summary>
    public static Transcript Run(Func<Target, Transcript> what)
    {
        using PlatformTarget target = new();
        Transcript? result = null;
        target._scheduler.Start("script", () => result = what(target));
        target._scheduler.Run();
        target._process.Exit();
        Assert.Equal(0, target._kernel.LiveVms);
        Assert.Equal(target._freePages, target._memory.FreePages);
        return result!;
    }

    public override IDisposable Load(Fd vm, IReadOnlyList<GuestStep> program)
    {
        _process.Guest = machine =>
        {
            Span<byte> bytes = stackalloc byte[sizeof(ushort)];
            foreach (GuestStep step in program)
            {
                if (step.Value is { } value) BitConverter.TryWriteBytes(bytes, value);
                _ = step.Value is null ? machine.TryRead(step.Address, bytes[..step.Length], isPrivate: false) : machine.TryWrite(step.Address, bytes[..step.Length], isPrivate: false);
            }
        };
        return this;
    }

    public void Dispose() => _memory.Dispose();
}
