using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform.Scenarios;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests.Events;

/// <summary>An event at its moment in one run.</summary>
/// <param name="kind">The event.</param>
/// <param name="policy">Says when.</param>
/// <param name="point">The scheduling point.</param>
internal sealed class TimedEvent(EventKind kind, StrikingPolicy policy, int point) : IFlowEvent
{
    /// <summary>Whether calls fail: the event has begun and hasn't ended.</summary>
    public bool IsOn { get; private set; }

    public void Run(FlowStage stage)
    {
        stage.Scheduler.WaitUntil(() => policy.IsDue || stage.IsOver, StrikingPolicy.Moment);
        if (!policy.IsDue) return;
        IsOn = true;
        kind.Strike?.Invoke(stage, point);
    }

    public void OnOtherVcpu(FlowStage stage, int vm, GuestMachine machine)
    {
        if (kind.OnOtherVcpu is not { } act || vm != 0) return;

        // The vCPU mustn't outlive the point by much, so it polls: time passes only while everybody waits.
        while (!policy.IsDue) machine.Sleep(TimeSpan.FromMilliseconds(1));
        if (stage.DeviceOf(vm) is not { } device) return;
        using ContextScope about = stage.Hub.About(Vmm.VirtualMachineMonitor.SubjectOf($"vm{vm}", device.RequesterId));
        act(new GuestTsmBoundary(stage.Machine.Vendor.CreateGuestTsm(machine, stage.Hub), stage.Hub, null), device);
    }

    /// <summary>Nothing fails any more.</summary>
    public void End() => IsOn = false;

    public void Repair(FlowStage stage) => kind.Repair?.Invoke(stage);
}
