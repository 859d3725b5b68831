using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Scenarios;

/// <summary>A run of the flow as an <see cref="IFlowEvent"/> finds it.</summary>
/// <param name="machine">The machine.</param>
/// <param name="scheduler">Runs its tasks.</param>
/// <param name="hub">Where its boundaries report.</param>
public sealed class FlowStage(SoftwareMachine machine, IActorScheduler scheduler, CrossingHub hub)
{
    private readonly Dictionary<int, SoftwareProcess> _processes = [];
    private readonly Dictionary<int, GuestDevice> _devices = [];

    /// <summary>The machine.</summary>
    public SoftwareMachine Machine { get; } = machine;

    /// <summary>Runs its tasks.</summary>
    public IActorScheduler Scheduler { get; } = scheduler;

    /// <summary>Where its boundaries report.</summary>
    public CrossingHub Hub { get; } = hub;

    /// <summary>Whether the flow is over: every VM has ended and the device is disconnected.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>The VMM of a VM, from 0; null before it is started.</summary>
    public SoftwareProcess? ProcessOf(int vm) => _processes.GetValueOrDefault(vm);

    /// <summary>The device as the guest of a VM knows it; null before the guest has begun.</summary>
    public GuestDevice? DeviceOf(int vm) => _devices.GetValueOrDefault(vm);

    internal void Add(int vm, SoftwareProcess process) => _processes[vm] = process;

    internal void Add(int vm, GuestDevice device) => _devices[vm] = device;
}
