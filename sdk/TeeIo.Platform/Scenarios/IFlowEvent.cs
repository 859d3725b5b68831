using TeeIo.Guest;

namespace TeeIo.Platform.Scenarios;

/// <summary>Something that happens to a flow from outside: a process is killed, a device is pulled out, an admin acts. One for each run.</summary>
public interface IFlowEvent
{
    /// <summary>Runs on a task of its own from before the device is connected. The run waits for its end; <see cref="FlowStage.IsOver"/> says that the flow is over.</summary>
    void Run(FlowStage stage);

    /// <summary>Runs on each guest's further vCPUs, before they use their memory.</summary>
    /// <param name="stage">The run.</param>
    /// <param name="vm">The VM, from 0.</param>
    /// <param name="machine">The vCPU.</param>
    void OnOtherVcpu(FlowStage stage, int vm, GuestMachine machine)
    {
    }

    /// <summary>What the admin mends before a second flow. In a task.</summary>
    void Repair(FlowStage stage)
    {
    }
}
