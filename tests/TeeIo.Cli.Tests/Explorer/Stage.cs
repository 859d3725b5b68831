using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci.Tdisp;
using TeeIo.Platform;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A machine with one physical function and two VFs, connected, and two VMs with one VF each, before anything is bound. Its guests don't run: the actors act for them at the
/// kernel's ABI.</summary>
internal sealed class Stage : IDisposable
{
    private const string Profile = "arm-v5";
    private const ushort GuestRequesterId = 3 << 3;
    private const int ResponseSize = 4096;
    private readonly ExploredVendor _vendor;
    private readonly DeterministicScheduler _scheduler;
    private readonly TraceRecorder _recorder = new();
    private readonly TaskHistories _histories = new();
    private readonly InvariantMonitor _monitor = new();
    private readonly List<VirtualMachineMonitor> _vmms = [];
    private readonly List<ITrustedDeviceUapi> _uapis = [];
    private readonly List<string> _unmet = [];

    public Stage(ExploredVendor vendor, ExploringPolicy policy, bool isCoarse)
    {
        _vendor = vendor;
        _scheduler = new DeterministicScheduler(policy);
        var coarse = new CoarseScheduler(_scheduler);
        Scheduler = isCoarse ? coarse : _scheduler;
        Hub = new CrossingHub([_recorder, _histories, _monitor], null, Scheduler);
        coarse.Hub = Hub;
        var options = new SoftwareMachineOptions { Profile = Profile, MemoryPages = 1024 };
        Machine = new SoftwareMachine(options, Scheduler, new LockOrder(Scheduler), Hub, machine => Wrap(vendor.Platform(machine)));
        if (vendor.WrapCore is { } wrap) Machine.Kernel.Connect(Machine.Vendor, wrap(Machine.Tsm, Scheduler));
        Flow = Machine.Vendor.Flow(Profile)!;
        Machine.Watch(_monitor, Flow);
        Machine.Enumerate();
        Assert.True(Machine.Tsm.Connect(Machine.Functions[0]).IsOk);
        for (int vm = 0; vm < 2; vm++) AddVm(vm);
        policy.State = HashState;
        policy.Crossings = () => _histories.Count;
    }

    public IActorScheduler Scheduler { get; }

    public CrossingHub Hub { get; }

    public SoftwareMachine Machine { get; }

    public FlowProfile Flow { get; }

    public IReadOnlyList<Violation> Violations => _monitor.Violations;

    public IReadOnlyList<Crossing> Trace => _recorder.Trace;

    public void Start(string actor, Action body) => _scheduler.Start(actor, body);

    public SysResult Bind(int vm) => As(vm, () => _uapis[vm].Bind(_vmms[vm].Devices[0]));

    public SysResult Unbind(int vm) => As(vm, () => _uapis[vm].Unbind(_vmms[vm].Devices[0]));

    /// <summary>Asks for the interface report.</summary>
    public SysResult Ask(int vm) => As(vm, () => _uapis[vm].Request(_vmms[vm].Devices[0], RequestKind.Info, _vendor.Request, new byte[ResponseSize]));

    public void Reconnect()
    {
        Machine.Tsm.Disconnect(Machine.Functions[0]);
        Demand("the device can be connected again", Machine.Tsm.Connect(Machine.Functions[0]));
    }

    /// <summary>What must succeed whatever the schedule.</summary>
    public void Demand(string what, SysResult result)
    {
        if (!result.IsOk) _unmet.Add($"{what}: {result.Errno}");
    }

    /// <summary>Runs the actors, then ends the VMs and disconnects the device.</summary>
    /// <returns>What doesn't hold: nothing, or a sentence each.</returns>
    public IReadOnlyList<string> Run(Cast cast)
    {
        cast.Enter(this);
        _scheduler.Run();
        foreach (VirtualMachineMonitor vmm in _vmms) vmm.Dispose();
        Machine.Tsm.Disconnect(Machine.Functions[0]);
        return [.. _monitor.Violations.Select(v => v.ToString()), .. _unmet, .. Machine.Unaccounted(), .. Loose()];
    }

    public void Dispose() => Machine.Dispose();

    private IEnumerable<string> Loose() =>
        Machine.Device.Functions.Where(f => f.TdiState != TdiState.ConfigUnlocked).Select(f => $"{f.Address} ends in {f.TdiState}");

    private IVendorPlatform Wrap(IVendorPlatform platform) => _vendor.WrapDriver is { } wrap ? new DriverWrapper(platform, wrap(platform.HostTsm)) : platform;

    private void AddVm(int vm)
    {
        SoftwareProcess process = Machine.Kernel.CreateProcess($"vm{vm}");
        var options = new VmmOptions { Name = process.Name, Id = (ulong)vm + 1, MachineType = Machine.Vendor.MachineType, MemorySize = 16 * 4096 };
        ITrustedDeviceUapi? uapi = null;
        var vmm = new VirtualMachineMonitor(
            process, options, process.Threads, Hub, (transport, iommufd) => uapi = Machine.CreateUapi(transport, iommufd), Machine.Vendor.CreateDecoder, Machine.Vendor.CreateAcceptRequests);
        vmm.Assign($"/dev/vfio/devices/vfio{vm}", GuestRequesterId, Machine.Functions[1 + vm].ToString());
        _vmms.Add(vmm);
        _uapis.Add(uapi!);
    }

    private SysResult As(int vm, Func<SysResult> act)
    {
        using ContextScope about = Hub.About(_vmms[vm].Devices[0].Subject);
        return act();
    }

    /// <summary>What the machine is like, and where its tasks stand.</summary>
    private ulong HashState(SchedulingPoint point)
    {
        ulong hash = _histories.Combine(Machine.Device.HasSession ? 1UL : 2UL);
        for (int i = 0; i < Machine.Functions.Count; i++)
        {
            TsmFunction function = Machine.Functions[i];
            int flags = (function.IsProbed ? 1 : 0) | (function.IsConnected ? 2 : 0) | (function.IsQuarantined ? 4 : 0) | (function.Tdi is not null ? 8 : 0);
            hash = Hash.Add(Hash.Add(hash, (ulong)flags), (ulong)Machine.Device.Functions[i].TdiState);
        }

        hash = Hash.Add(Hash.Add(hash, (ulong)Machine.Memory.FreePages), (ulong)Machine.Pages.Quarantined.Count);
        foreach (ISchedulerTask task in point.Living.OrderBy(t => t.Name, StringComparer.Ordinal))
            hash = Hash.Add(Hash.Add(Hash.Add(hash, Hash.Of(task.Name)), (ulong)task.Turns), Hash.Of(task.WaitsFor ?? string.Empty));
        return hash;
    }
}
