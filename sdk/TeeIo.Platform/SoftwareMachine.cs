using System.Globalization;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Flow.Invariants;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Configuration;
using TeeIo.Pci.ModelDevice;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Platform;

/// <summary>A machine in software: memory, an IOMMU, a root port with one device of a physical and some virtual functions, a kernel, and one vendor's confidential computing.</summary>
public sealed class SoftwareMachine : IDisposable
{
    private const byte DeviceBus = 1;
    private const byte RootPortDevice = 1;
    private const ulong MmioBase = 0xC000_0000;
    private readonly int _freePages;
    private readonly int _takenPages;

    /// <summary>Builds and boots the machine.</summary>
    /// <param name="options">How large it is.</param>
    /// <param name="scheduler">Runs its tasks.</param>
    /// <param name="locks">The order of its locks.</param>
    /// <param name="hub">Where its boundaries report.</param>
    /// <param name="vendor">Makes the vendor's part; it finds memory, IOMMU, root port, functions, locks and hub in place.</param>
    /// <exception cref="ArgumentException">There is no such kernel profile.</exception>
    public SoftwareMachine(
        SoftwareMachineOptions options, IActorScheduler scheduler, LockOrder locks, CrossingHub hub, Func<SoftwareMachine, IVendorPlatform> vendor)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(vendor);
        (Options, Scheduler, Locks, Hub) = (options, scheduler, locks, hub);
        Memory = new PhysicalMemory(options.MemoryPages, options.Seed);
        Pages = new HostPages(Memory);
        Iommu = new Iommu(Memory);
        RootPort = new RootPort(options.IdeStreams);
        Device = new TeeDevice(
            new TeeDeviceOptions(PciAddress.Of(0, DeviceBus, 0, 0), options.VirtualFunctions, MmioBase), Memory, Iommu, RootPort, hub, options.Seed);
        Kernel = new SoftwareKernel(Memory, Iommu, hub, scheduler, locks, Pages) { Profile = options.Profile };
        TsmFunction? physical = null;
        var functions = new List<TsmFunction>();
        foreach (IPciFunction function in Device.Functions)
        {
            var known = new TsmFunction(function.Address, physical, function.Mailbox);
            physical ??= known;
            functions.Add(known);
        }

        Functions = functions;
        Vendor = vendor(this);
        Iommu.Trust(Vendor.Cpu);
        Tsm = new PciTsmCore(Vendor.HostTsm, Kernel.TdiServices, locks, hub, Vendor.HostEvidence, Vendor.HostKeys);
        Kernel.Connect(Vendor, Tsm);

        // The virtual functions go to VFIO; the physical one stays with the host.
        Kernel.AddFunction(Device.Functions[0], functions[0]);
        for (int i = 1; i < functions.Count; i++) Kernel.AddDevice(Device.Functions[i], functions[i]);
        _freePages = Memory.FreePages;
        _takenPages = Pages.Taken;
    }

    /// <summary>How large it is.</summary>
    public SoftwareMachineOptions Options { get; }

    /// <summary>Runs its tasks.</summary>
    public IActorScheduler Scheduler { get; }

    /// <summary>The order of its locks.</summary>
    public LockOrder Locks { get; }

    /// <summary>Where its boundaries report.</summary>
    public CrossingHub Hub { get; }

    /// <summary>Its memory.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The host's way to that memory.</summary>
    public HostPages Pages { get; }

    /// <summary>Its IOMMU.</summary>
    public Iommu Iommu { get; }

    /// <summary>The root port above the device.</summary>
    public RootPort RootPort { get; }

    /// <summary>Device and function number of that port.</summary>
    public byte RootPortAddress { get; } = RootPortDevice << 3;

    /// <summary>Port number of that port.</summary>
    public byte RootPortNumber { get; } = RootPortDevice;

    /// <summary>Its device.</summary>
    public TeeDevice Device { get; }

    /// <summary>Its kernel.</summary>
    public SoftwareKernel Kernel { get; }

    /// <summary>The device's functions as the TSM core knows them, the physical one first. VFIO's node n is the function n + 1.</summary>
    public IReadOnlyList<TsmFunction> Functions { get; }

    /// <summary>The vendor's part.</summary>
    public IVendorPlatform Vendor { get; }

    /// <summary>The TSM core.</summary>
    public PciTsmCore Tsm { get; }

    /// <summary>Makes a VMM's way to use trusted devices, in the kernel's profile.</summary>
    /// <param name="transport">The VMM's process.</param>
    /// <param name="iommufd">Its iommufd.</param>
    public ITrustedDeviceUapi CreateUapi(IoctlTransport transport, Fd iommufd) => Kernel.Rules.Uapi(this, transport, iommufd);

    /// <summary>Has a monitor watch all that must hold on this machine, in the flow as <paramref name="profile"/> runs it.</summary>
    public void Watch(InvariantMonitor monitor, FlowProfile profile)
    {
        ArgumentNullException.ThrowIfNull(monitor);
        ITraceInvariant[] invariants =
        [
            .. TraceInvariants.For(profile),
            new TeePageInvariant(this), new TrustedDmaInvariant(this), new IdeStreamInvariant(this), new PeerToPeerInvariant(this),
            .. Vendor.Invariants,
        ];
        foreach (ITraceInvariant invariant in invariants) monitor.Add(invariant);
    }

    /// <summary>The admin switches SR-IOV off: every virtual function is unbound, taken from VFIO and the TSM core and off the bus, the last one first, and then they vanish. In a task.</summary>
    /// <returns>The failure of a teardown; that function and those before it stay, and SR-IOV stays on.</returns>
    /// <remarks>Source: Linux drivers/pci/iov.c, sriov_disable: VFs are removed before VF Enable is cleared.</remarks>
    public SysResult DisableVirtualFunctions()
    {
        foreach (TsmFunction function in Functions.Skip(1).Reverse())
        {
            SysResult removed = Kernel.Remove(function, Tsm.Remove);
            if (!removed.IsOk && removed.Errno != Errno.ENODEV) return removed;
        }

        const int Register = ModelDeviceConstants.SriovCapability + (int)SriovRegister.Ctrl;
        PciFunctionModel physical = Device.Functions[0];
        var control = (SriovControl)physical.ReadConfig(Register, sizeof(ushort));
        physical.WriteConfig(Register, sizeof(ushort), (uint)(control & ~(SriovControl.Vfe | SriovControl.Mse)));
        return SysResult.Ok;
    }

    /// <summary>The admin unplugs the device in good order: SR-IOV goes off, the physical function is disconnected and then gone. In a task.</summary>
    /// <returns>The failure of a teardown; what it hit stays.</returns>
    public SysResult Unplug()
    {
        SysResult disabled = DisableVirtualFunctions();
        return disabled.IsOk ? Kernel.Remove(Functions[0], Tsm.Remove) : disabled;
    }

    /// <summary>Somebody pulls the device out of its slot, whatever it is doing; then the kernel's hot-plug handler takes its functions off the bus. In a task.</summary>
    /// <returns>The first failure of a teardown; the function that it hit stays with the kernel, in quarantine, and the others are gone.</returns>
    public SysResult PullOut()
    {
        Device.PullOut();
        SysResult result = SysResult.Ok;
        foreach (TsmFunction function in Functions.Reverse())
        {
            SysResult removed = Kernel.Remove(function, Tsm.Remove);
            if (result.IsOk) result = removed;
        }

        return result;
    }

    /// <summary>The device is in its slot again, as at power on, and the kernel finds its functions that are gone. In a task.</summary>
    public void PlugIn()
    {
        Device.PutBack();
        for (int i = 0; i < Functions.Count; i++) Kernel.FindAgain(Device.Functions[i], Functions[i]);
        Device.Functions[0].Reset();
        Enumerate();
    }

    /// <summary>Makes the TSM core learn of the device's functions. In a task, since it takes locks.</summary>
    public void Enumerate()
    {
        foreach (TsmFunction function in Functions) Tsm.Add(function);
    }

    /// <summary>What isn't back where it was when the machine had booted, once every VM has ended and the device is disconnected: a sentence each.</summary>
    public IEnumerable<string> Unaccounted()
    {
        foreach (string lost in Lost()) yield return lost;
        foreach ((ulong page, string reason) in Pages.Quarantined)
            yield return string.Create(CultureInfo.InvariantCulture, $"page 0x{page:x} is quarantined: {reason}");
        foreach (TsmFunction function in QuarantinedFunctions) yield return $"{function} is quarantined";
        foreach (ConfidentialVm vm in Kernel.QuarantinedVms) yield return $"{vm} is quarantined";
        if (HeldPages > 0) yield return string.Create(CultureInfo.InvariantCulture, $"drivers still have {HeldPages} pages");
    }

    /// <summary>Functions in quarantine: a VM still has a part of them, though it or the core has tried to give it back.</summary>
    public IEnumerable<TsmFunction> QuarantinedFunctions => Functions.Where(f => f.IsQuarantined || Kernel.IsStuck(f));

    /// <summary>Pages that drivers have beyond what they had when the machine had booted.</summary>
    public int HeldPages => Pages.Taken - _takenPages;

    /// <summary>The part of <see cref="Unaccounted"/> that nobody answers for: neither a quarantine with its reason, nor a driver that has still something to take back, which
    /// <see cref="HeldPages"/> tells. Not even a machine whose teardown failed may show any of it.</summary>
    public IEnumerable<string> Lost()
    {
        int missing = _freePages - Memory.FreePages - HeldPages - Kernel.KeptPages - Pages.Quarantined.Keys.Count(p => !Memory.IsMmio(p));
        if (missing > 0) yield return string.Create(CultureInfo.InvariantCulture, $"{missing} pages of memory didn't come back");
        if (missing < 0) yield return string.Create(CultureInfo.InvariantCulture, $"{-missing} pages of memory are free though they are quarantined");
        int vms = Kernel.LiveVms - Kernel.QuarantinedVms.Count;
        if (vms != 0) yield return string.Create(CultureInfo.InvariantCulture, $"{vms} VMs still exist");
        foreach (TsmFunction function in Functions.Where(f => f.Tdi is not null && !QuarantinedFunctions.Contains(f))) yield return $"{function} is still bound to {function.Tdi!.Vm}";
        if (!Locks.IsClear) yield return "a lock is still held";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Device.Dispose();
        Memory.Dispose();
    }
}
