using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Vmm;

/// <summary>A small VMM: one confidential VM, its memory, its assigned devices, its vCPUs. It uses only the kernel's ABI, so the same code runs on the software platform and on
/// Linux. Failures of set-up are <see cref="AbiException"/>s that name the call.</summary>
public sealed class VirtualMachineMonitor : IDisposable
{
    private readonly IActorScheduler _scheduler;
    private readonly List<AssignedDevice> _devices = [];
    private readonly List<VcpuLoop> _vcpus = [];
    private readonly VmmWorker _worker;
    private readonly IGuestCallDecoder _decoder;
    private readonly Fd _kvm;
    private readonly Fd _guestMemory;
    private readonly Fd _vfioGroup;
    private readonly IoasId _ioas;
    private readonly UserMemory? _firmware;
    private uint _nextSlot = 1;
    private ulong _nextMmio;
    private int _running;
    private bool _started;
    private bool _disposed;

    /// <summary>Makes the VM with its memory and vCPUs; nothing runs yet.</summary>
    /// <param name="transport">The kernel.</param>
    /// <param name="options">The VM's layout.</param>
    /// <param name="scheduler">Runs the vCPU loops and the worker.</param>
    /// <param name="hub">Where the boundaries report.</param>
    /// <param name="uapi">Makes the profile's way to bind from the iommufd.</param>
    /// <param name="decoder">Makes the vendor's decoder of guest calls.</param>
    /// <param name="acceptRequests">Makes the vendor's requests before private MMIO is mapped.</param>
    /// <exception cref="AbiException">The kernel refused a step; what was made is gone.</exception>
    /// <exception cref="VmmException">A file can't be opened or a region can't be mapped; what was made is gone.</exception>
    public VirtualMachineMonitor(
        IoctlTransport transport,
        VmmOptions options,
        IActorScheduler scheduler,
        CrossingHub hub,
        Func<IoctlTransport, Fd, ITrustedDeviceUapi> uapi,
        Func<VmmContext, IGuestCallDecoder> decoder,
        Func<VmmContext, IAcceptRequests> acceptRequests)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(uapi);
        ArgumentNullException.ThrowIfNull(decoder);
        ArgumentNullException.ThrowIfNull(acceptRequests);
        Transport = transport;
        Options = options;
        Hub = hub;
        _scheduler = scheduler;
        _nextMmio = options.MmioWindow;
        Identity = new VmmIdentity(options.Id, options.Name);
        _worker = new VmmWorker(scheduler, hub);
        using ContextScope about = hub.About(options.Name);
        using var undo = new UndoStack();
        _kvm = Open("/dev/kvm", undo);
        Iommufd = Open("/dev/iommu", undo);
        Vm = Keep(new KvmClient(transport, _kvm, hub).CreateVm((VmType)options.MachineType), undo);
        Ram = new GuestRam(transport.Allocate(options.MemorySize));
        undo.Add(Ram.Memory.Dispose);
        var vm = new KvmVmClient(transport, Vm, hub);
        _guestMemory = Keep(vm.CreateGuestMemfd(options.MemorySize, default), undo);
        vm.SetUserMemoryRegion2(0, MemoryFlags.GuestMemfd, 0, options.MemorySize, Ram.Memory, 0, 0, _guestMemory);
        vm.SetMemoryAttributes(0, options.MemorySize, MemoryAttributes.Private);
        _firmware = LoadFirmware(vm, undo);
        _vfioGroup = Keep(vm.CreateDevice(KvmDeviceType.Vfio, default), undo);
        var iommufd = new IommufdClient(transport, Iommufd, hub);
        _ioas = iommufd.IoasAlloc();
        Uapi = uapi(transport, Iommufd);
        var context = new VmmContext(hub, Ram, _worker);
        _decoder = new GuestCallDecoderBoundary(decoder(context), hub, null);
        AcceptRequests = new AcceptRequestsBoundary(acceptRequests(context), hub, null);
        Services = new VmmServicesBoundary(new VmmServices(this, hub), hub, null);
        for (int i = 0; i < options.Vcpus; i++)
        {
            var vcpu = new VcpuLoop(this, i, Keep(vm.CreateVcpu((ulong)i), undo), (ulong)new KvmClient(transport, _kvm, hub).GetVcpuMmapSize());
            undo.Add(vcpu.Unmap);
            _vcpus.Add(vcpu);
        }

        undo.Commit();
    }

    /// <summary>The kernel.</summary>
    public IoctlTransport Transport { get; }

    /// <summary>The VM's layout.</summary>
    public VmmOptions Options { get; }

    /// <summary>The assigned devices.</summary>
    public IReadOnlyList<AssignedDevice> Devices => _devices;

    /// <summary>Whether every vCPU's loop has ended, and the worker with what it was given.</summary>
    public bool HasEnded => _started && _running == 0 && _worker.HasEnded;

    internal CrossingHub Hub { get; }

    internal ConfidentialVm Identity { get; }

    internal Fd Iommufd { get; }

    internal Fd Vm { get; }

    internal GuestRam Ram { get; }

    internal ITrustedDeviceUapi Uapi { get; }

    internal IGuestCallDecoder Decoder => _decoder;

    internal IAcceptRequests AcceptRequests { get; }

    internal IVmmServices Services { get; }

    /// <summary>Assigns a device: associates it with the VM, binds it to the iommufd, shows its BARs to the guest (by dma-bufs, where
    /// the profile can), and sets up its shared DMA.</summary>
    /// <param name="path">Its VFIO file.</param>
    /// <param name="guestRequesterId">Bus, device and function under which the guest reaches it.</param>
    /// <param name="hostName">Its PCI name in the host, as in 0000:01:00.1; only profiles with evidence by netlink need it.</param>
    /// <exception cref="AbiException">The kernel refused a step; the device is as before.</exception>
    public AssignedDevice Assign(string path, ushort guestRequesterId, string? hostName = null)
    {
        string subject = SubjectOf(Options.Name, guestRequesterId);
        using ContextScope about = Hub.About(subject);
        using var undo = new UndoStack();
        Fd file = Open(path, undo);
        new KvmDeviceClient(Transport, _vfioGroup, Hub).VfioFileAdd(file);
        undo.Add(() => new KvmDeviceClient(Transport, _vfioGroup, Hub).TryVfioFileDel(file));
        var device = new AssignedDevice(path, hostName, guestRequesterId, subject, file, new VfioDeviceClient(Transport, file, Hub));
        device.Id = device.Vfio.BindIommufd(default, Iommufd, []);
        MapBars(device, undo);
        AttachSharedDma(device, undo);
        if (Uapi.PrepareBeforeRun(device) is { IsOk: false } failure)
            throw new VmmException($"Profile {Uapi.Profile} can't prepare {path} before the VM runs: {failure}.");
        undo.Commit();
        _devices.Add(device);
        return device;
    }

    /// <summary>Starts the vCPU loops and the worker as tasks of the scheduler.</summary>
    public void Start()
    {
        _scheduler.Start($"{Options.Name}/worker", _worker.Run);
        _running = _vcpus.Count;
        _started = true;
        foreach (VcpuLoop vcpu in _vcpus)
        {
            _scheduler.Start($"{Options.Name}/vcpu{vcpu.Index}/run", () =>
            {
                vcpu.Run();
                if (--_running == 0) _worker.Stop();
            });
        }
    }

    /// <summary>The name in traces of the device that the VM <paramref name="vm"/> reaches under <paramref name="guestRequesterId"/>.</summary>
    public static string SubjectOf(string vm, ushort guestRequesterId) =>
        $"{vm}/{guestRequesterId >> 8:x2}:{(guestRequesterId >> 3) & 0x1F:x2}.{guestRequesterId & 7}";

    /// <summary>How each vCPU's loop ended, once it has.</summary>
    public IReadOnlyList<SysResult> VcpuResults => [.. _vcpus.Select(v => v.Result)];

    /// <summary>Ends the VM: unbinds what is bound, then closes and frees everything.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (AssignedDevice device in _devices)
        {
            using ContextScope about = Hub.About(device.Subject);
            if (device.IsBound) Uapi.Unbind(device);
        }

        foreach (VcpuLoop vcpu in _vcpus) vcpu.Dispose();
        foreach (AssignedDevice device in _devices) Release(device);
        Transport.Close(_vfioGroup);
        Transport.Close(_guestMemory);
        Transport.Close(Vm);
        Transport.Close(Iommufd);
        Transport.Close(_kvm);
        Ram.Memory.Dispose();
        _firmware?.Dispose();
    }

    internal AssignedDevice? Find(uint guestRequesterId) => _devices.Find(d => d.GuestRequesterId == guestRequesterId);

    private void Release(AssignedDevice device)
    {
        using ContextScope about = Hub.About(device.Subject);
        foreach (AssignedBar bar in device.Bars)
        {
            bar.Mapping.Dispose();
            if (bar.Buffer is { } buffer) Transport.Close(buffer);
        }

        Transport.Close(device.File);
    }

    /// <summary>Shows the firmware to the vCPUs, whose calls for shared pages then come here.</summary>
    private UserMemory? LoadFirmware(KvmVmClient vm, UndoStack undo)
    {
        const ulong top = 1UL << 32;
        if (Options.Firmware.IsEmpty) return null;
        UserMemory memory = Transport.Allocate((ulong)Options.Firmware.Length);
        undo.Add(memory.Dispose);
        memory.Write(0, Options.Firmware.Span);
        vm.SetUserMemoryRegion2(_nextSlot++, MemoryFlags.Readonly, top - memory.Length, memory.Length, memory, 0, 0, default);
        vm.EnableCap(KvmCapability.ExitHypercall, [1UL << (int)KvmHypercall.MapGpaRange, 0, 0, 0]);
        return memory;
    }

    private void MapBars(AssignedDevice device, UndoStack undo)
    {
        uint? dmaBufFlags = Uapi.DmaBufSlotFlags;
        var flags = (MemoryFlags)(dmaBufFlags ?? 0);
        var vm = new KvmVmClient(Transport, Vm, Hub);
        for (VfioPciRegion region = VfioPciRegion.Bar0RegionIndex; region <= VfioPciRegion.Bar5RegionIndex; region++)
        {
            SysResult known = device.Vfio.TryGetRegionInfo(out VfioRegionFlags access, (uint)region, out _, out ulong size, out ulong offset);
            if (!known.IsOk || size == 0 || !access.HasFlag(VfioRegionFlags.Mmap)) continue;
            UserMemory mapping = Transport.Map(device.File, offset, size, out Linux.Errno error)
                ?? throw new VmmException($"BAR {(uint)region} of {device.Path} can't be mapped: {error}.");
            undo.Add(mapping.Dispose);
            Fd? buffer = dmaBufFlags is null ? null : Keep(device.Vfio.FeatureDmaBuf(region, 0, [new VfioRegionDmaRange { Offset = 0, Length = size }]), undo);
            ulong gpa = _nextMmio;
            _nextMmio += size;
            uint slot = _nextSlot++;
            vm.SetUserMemoryRegion2(slot, flags, gpa, size, mapping, 0, 0, buffer ?? default);
            undo.Add(() => vm.TrySetUserMemoryRegion2(slot, flags, gpa, 0, mapping, 0, 0, buffer ?? default));
            device.Bars.Add(new AssignedBar((uint)region, gpa, size, buffer, mapping, slot));
        }
    }

    private void AttachSharedDma(AssignedDevice device, UndoStack undo)
    {
        var iommufd = new IommufdClient(Transport, Iommufd, Hub);
        if (_devices.Count == 0)
        {
            ulong iova = 0;
            iommufd.IoasMap(IoasMapFlags.FixedIova | IoasMapFlags.Readable | IoasMapFlags.Writeable, _ioas, Ram.Memory, 0, Options.MemorySize, ref iova);
            undo.Add(() =>
            {
                ulong length = Options.MemorySize;
                iommufd.TryIoasUnmap(_ioas, iova, ref length);
            });
        }

        // A vIOMMU wants a nesting parent; what can't have one does without.
        HwptAllocFlags flags = Uapi.CanBind ? HwptAllocFlags.AllocNestParent : HwptAllocFlags.None;
        device.Hwpt = iommufd.HwptAlloc(flags, device.Id, _ioas, HwptDataType.None, [], default);
        undo.Add(() => iommufd.TryDestroy(device.Hwpt));
        PageTableId table = device.Hwpt;
        device.Vfio.AttachIommufdPt(default, ref table, 0);
    }

    private Fd Open(string path, UndoStack undo)
    {
        SysResult opened = Transport.Open(path);
        if (!opened.IsOk) throw new VmmException($"{path} can't be opened: {opened.Errno}. `teeio doctor` tells what this machine offers.");
        return Keep(new Fd((int)opened.Value), undo);
    }

    private Fd Keep(Fd fd, UndoStack undo)
    {
        undo.Add(() => Transport.Close(fd));
        return fd;
    }
}
