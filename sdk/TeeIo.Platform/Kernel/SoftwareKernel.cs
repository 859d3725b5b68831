using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.DmaBuf;
using TeeIo.Linux.PciCore;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel.Kvm;
using TeeIo.Platform.Kernel.Vfio;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Platform.Kernel;

/// <summary>A kernel in software behind the ABI of the real one: IOMMUFD, VFIO and KVM for the processes that it makes. Its nodes are <c>/dev/iommu</c>, <c>/dev/kvm</c> and
/// <c>/dev/vfio/devices/vfioN</c>.</summary>
public sealed class SoftwareKernel
{
    private readonly List<VfioDevice> _devices = [];
    private readonly List<SoftwareProcess> _processes = [];
    private readonly PciFunctions _functions = new();
    private readonly List<KvmVm> _quarantinedVms = [];
    private ulong _nextVm = 1;
    private ulong _nextBuffer = 1;
    private ulong _nextImporter = 1;

    /// <summary>A kernel.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="iommu">The machine's IOMMU.</param>
    /// <param name="hub">Where its boundaries report.</param>
    /// <param name="scheduler">Runs its tasks.</param>
    /// <param name="locks">The order of its locks.</param>
    /// <param name="pages">The host's pages.</param>
    public SoftwareKernel(PhysicalMemory memory, Iommu iommu, CrossingHub hub, IActorScheduler scheduler, LockOrder locks, HostPages pages)
    {
        (Memory, Iommu, Hub, Scheduler, Locks, Pages) = (memory, iommu, hub, scheduler, locks, pages);
        Exporter = new DmaBufExporterBoundary(new VfioDmaBufExporter(), hub, locks);
        Importer = new DmaBufImporterOpsBoundary(new KvmDmaBufImporter(), hub, locks);
        PciFunctions = new PciFunctionOpsBoundary(_functions, hub, locks);
        TdiServices = new TdiServices(this);
        GroupLock = new OrderedLock(locks, TsmOpsLocks.IommufdGroup);
    }

    /// <summary>The profile whose calls its files know beside those that are upstream.</summary>
    /// <exception cref="ArgumentException">There is no such profile.</exception>
    public string Profile
    {
        get => Rules.Name;
        init => Rules = KernelProfile.Find(value);
    }

    /// <summary>The profiles that there are.</summary>
    public static IReadOnlyList<string> Profiles { get; } = [.. KernelProfile.All.Select(p => p.Name)];

    /// <summary>Whether its profile binds devices to VMs; where it doesn't they can be used shared only.</summary>
    public bool CanBind => Rules.CanBind;

    /// <summary>What it does for a vendor's driver during an unbind. The TSM core is made with it.</summary>
    public ITdiServices TdiServices { get; }

    /// <summary>VMs that exist, those in quarantine as well.</summary>
    public int LiveVms { get; internal set; }

    /// <summary>VMs that nobody has any more and that could not be taken away.</summary>
    public IReadOnlyList<ConfidentialVm> QuarantinedVms => [.. _quarantinedVms.Select(v => v.Identity)];

    internal KernelProfile Rules { get; private init; } = KernelProfile.All[0];

    internal PhysicalMemory Memory { get; }

    internal Iommu Iommu { get; }

    internal CrossingHub Hub { get; }

    internal IActorScheduler Scheduler { get; }

    internal LockOrder Locks { get; }

    internal HostPages Pages { get; }

    internal IDmaBufExporter Exporter { get; }

    internal IDmaBufImporterOps Importer { get; }

    internal IPciFunctionOps PciFunctions { get; }

    /// <summary>The machine's functions are in one IOMMU group.</summary>
    internal OrderedLock GroupLock { get; }

    internal IVendorPlatform Vendor => _vendor ?? throw new InvalidOperationException("The kernel has no vendor yet: call Connect before a process opens a device.");

    internal ITsmCore Tsm { get; private set; } = null!;

    internal IConfidentialMemory ConfidentialMemory { get; private set; } = null!;

    internal ITrustedIommu TrustedIommu { get; private set; } = null!;

    private IVendorPlatform? _vendor;

    /// <summary>Connects the vendor's parts and the TSM core; once, before a process opens a device.</summary>
    public void Connect(IVendorPlatform vendor, ITsmCore tsm)
    {
        ArgumentNullException.ThrowIfNull(vendor);
        ArgumentNullException.ThrowIfNull(tsm);
        _vendor = vendor;
        Tsm = new TsmCoreBoundary(tsm, Hub, Locks);
        ConfidentialMemory = new ConfidentialMemoryBoundary(vendor.Memory, Hub, Locks);
        TrustedIommu = new TrustedIommuBoundary(vendor.Iommu, Hub, Locks);
    }

    /// <summary>Finds a function on the bus that stays with the host.</summary>
    /// <param name="function">The function on the bus.</param>
    /// <param name="tsm">The same function as the TSM core knows it.</param>
    public void AddFunction(IPciFunction function, TsmFunction tsm)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(tsm);
        _functions.Add(tsm, function);
    }

    /// <summary>Finds a function on the bus and gives it to VFIO.</summary>
    /// <param name="function">The function on the bus.</param>
    /// <param name="tsm">The same function as the TSM core knows it.</param>
    /// <returns>The number of its node, from 0.</returns>
    public int AddDevice(IPciFunction function, TsmFunction tsm)
    {
        AddFunction(function, tsm);
        _devices.Add(new VfioDevice(this, function, tsm));
        return _devices.Count - 1;
    }

    /// <summary>Takes a function off the bus in Linux's order: its driver lets go of it (a bound TDI is unbound here), then the TSM core, and then it is gone. In a task, since it takes
    /// locks. Whoever has it open gets ENODEV from then on.</summary>
    /// <param name="function">The function.</param>
    /// <param name="forget">The TSM core's part: unbinds what is still bound and removes the function.</param>
    /// <returns>The failure of a teardown; the function stays then, since firmware may own it.</returns>
    /// <remarks>Source: Linux drivers/pci/remove.c, pci_stop_dev before pci_destroy_dev, which calls pci_tsm_destroy while the device still works.</remarks>
    public SysResult Remove(TsmFunction function, Func<TsmFunction, SysResult> forget)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(forget);
        if (FindDevice(function) is { } device)
        {
            using LockHold group = GroupLock.Acquire();
            SysResult left = device.Leave();
            if (!left.IsOk) return left;
        }

        SysResult forgotten = forget(function);
        return forgotten.IsOk ? PciFunctions.Remove(function) : forgotten;
    }

    /// <summary>Tries again what failed when its users went: to unbind functions, and then to take VMs away. In a task, since it takes locks.</summary>
    /// <returns>The first failure; what it hit stays as it is.</returns>
    public SysResult Retry()
    {
        SysResult result = SysResult.Ok;
        using (LockHold group = GroupLock.Acquire())
        {
            foreach (VfioDevice device in _devices)
            {
                SysResult unbound = device.Retry();
                if (result.IsOk) result = unbound;
            }
        }

        foreach (KvmVm vm in _quarantinedVms.Where(v => !_devices.Exists(d => ReferenceEquals(d.Tsm.Tdi?.Vm, v.Identity))).ToArray())
        {
            SysResult destroyed = vm.Destroy();
            if (result.IsOk) result = destroyed;
        }

        return result;
    }

    /// <summary>The admin resets a function, or with its bus, as a write to its <c>reset</c> file does: not while a TDI that it would hit is bound. In a task.</summary>
    /// <param name="function">The function; a physical one takes its virtual ones along.</param>
    /// <param name="kind">Alone or with its bus.</param>
    /// <returns>EBUSY where such a TDI is bound, and nothing is reset; ENODEV where the function is gone.</returns>
    public SysResult Reset(TsmFunction function, ResetKind kind)
    {
        ArgumentNullException.ThrowIfNull(function);
        using LockHold group = GroupLock.Acquire();
        IReadOnlyList<TsmFunction> hit = kind == ResetKind.Bus ? _functions.OnBusOf(function) : [function];
        if (hit.Any(_functions.IsInUse)) return Errno.EBUSY;
        SysResult result = hit.Count == 0 ? Errno.ENODEV : SysResult.Ok;
        foreach (TsmFunction one in hit)
        {
            SysResult reset = FindDevice(one) is { } device ? device.Reset(kind) : PciFunctions.Reset(one, kind);
            if (result.IsOk) result = reset;
        }

        return result;
    }

    /// <summary>Whether a VM still has a part of a function that its user has closed.</summary>
    public bool IsStuck(TsmFunction function) => FindDevice(function) is { User: null, IsStuck: true };

    /// <summary>Finds a function again that was taken off the bus, for VFIO where VFIO had it. Nothing happens where it is on the bus.</summary>
    /// <param name="function">The function on the bus.</param>
    /// <param name="tsm">The same function as the TSM core knows it.</param>
    public void FindAgain(IPciFunction function, TsmFunction tsm)
    {
        if (_functions.Contains(tsm)) return;
        AddFunction(function, tsm);
        int number = _devices.FindIndex(d => ReferenceEquals(d.Tsm, tsm));
        if (number >= 0) _devices[number] = new VfioDevice(this, function, tsm);
    }

    /// <summary>Makes a process.</summary>
    public SoftwareProcess CreateProcess(string name)
    {
        var process = new SoftwareProcess(this, name);
        _processes.Add(process);
        return process;
    }

    /// <summary>Whether the host reaches a page of a BAR now, other than as private: through a process's mapping, or through the shared side of a dma-buf.</summary>
    /// <param name="function">The function.</param>
    /// <param name="bar">Its BAR.</param>
    /// <param name="offset">The page's offset there.</param>
    public bool IsReachable(IPciFunction function, int bar, ulong offset)
    {
        ArgumentNullException.ThrowIfNull(function);
        return _processes.Exists(p => p.Reaches(function, bar, offset))
            || _devices.Exists(d => ReferenceEquals(d.Function, function) && d.Buffers.Exists(b => b.ReachesShared(function.BarAddress(bar) + offset)));
    }

    /// <summary>Pages of guests' memory that VMs in quarantine keep.</summary>
    internal int KeptPages => _quarantinedVms.Sum(v => v.KeptPages.Count(p => !Pages.IsQuarantined(p)));

    /// <summary>Puts a VM that could not be taken away into quarantine, or lets it out.</summary>
    internal void Quarantine(KvmVm vm, bool isQuarantined)
    {
        _quarantinedVms.Remove(vm);
        if (isQuarantined) _quarantinedVms.Add(vm);
    }

    internal IReadOnlyList<VfioDevice> Devices => _devices;

    internal VfioDevice? FindDevice(int number) => number < _devices.Count && !_devices[number].IsGone ? _devices[number] : null;

    internal VfioDevice? FindDevice(TsmFunction function) => _devices.Find(d => ReferenceEquals(d.Tsm, function));

    internal ulong NextVmId() => _nextVm++;

    internal ulong NextBufferId() => _nextBuffer++;

    internal ulong NextImporterId() => _nextImporter++;
}
