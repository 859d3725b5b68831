using TeeIo.Flow;
using TeeIo.Guest.Attestation;
using TeeIo.Platform.Devices;
using TeeIo.Scheduling;

namespace TeeIo.Platform.Scenarios;

/// <summary>What a run of the flow is made of.</summary>
public sealed record FlowScenarioOptions
{
    /// <summary>Makes the vendor's part of the machine.</summary>
    public required Func<SoftwareMachine, IVendorPlatform> Vendor { get; init; }

    /// <summary>The kernel ABI.</summary>
    public required string Profile { get; init; }

    /// <summary>Seed of the scheduler and of all randomness.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Chooses which task runs; by the seed where it is null. One for each run.</summary>
    public ISchedulingPolicy? Scheduling { get; init; }

    /// <summary>What happens to the first flow from outside; null for nothing.</summary>
    public IFlowEvent? Event { get; init; }

    /// <summary>Makes what keeps crossings from going through, from the profile that runs; null for none.</summary>
    public Func<FlowProfile, ICrossingInjector>? Injector { get; init; }

    /// <summary>Watches the run's invariants; one that only collects by default. Give one to be called back or to stop at the first violation. One for each run.</summary>
    public InvariantMonitor Monitor { get; init; } = new();

    /// <summary>Whom the guests trust; model devices by default.</summary>
    public IAttestationPolicy Policy { get; init; } = ModelReference.Policy;

    /// <summary>VMs, one for each virtual function from the first on; all of them by default.</summary>
    public int Vms { get; init; } = 2;

    /// <summary>Has every teardown that failed tried again after the flow (<see cref="FlowOutcome.Retried"/>), and a second flow with fresh VMs follow on the same machine, where nothing is
    /// in quarantine: whether all is as before. Its log is the outcome's <see cref="FlowOutcome.Aftermath"/>.</summary>
    public bool HasAftermath { get; init; }

    /// <summary>Called when the flow has ended, before anything is tried again: whatever kept crossings from going through stops now.</summary>
    public Action? EndFaults { get; init; }
}
