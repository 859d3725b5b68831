using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux.Kvm;
using TeeIo.Plain.Calls;
using TeeIo.Plain.Profiles;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Plain;

/// <summary>Plain on the software platform: a vendor without firmware, the host's kernel keeps page tables and keys and speaks to the device.</summary>
public sealed class PlainPlatform : IVendorPlatform
{
    /// <summary>Puts the vendor into <paramref name="machine"/>.</summary>
    public PlainPlatform(SoftwareMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var pages = new PlainPages();
        Cpu = new PlainCpu(pages);
        HostTsm = new PlainHostTsm(pages, machine.RootPort, new MachineTopology(machine), ModelAuthority.CreateVerifier(machine.Scheduler.Time), new Random(machine.Options.Seed));
        Memory = new PlainMemory(pages);
        Iommu = new PlainIommu(pages);
    }

    /// <inheritdoc/>
    public string Name => "plain";

    /// <inheritdoc/>
    public uint MachineType => (uint)VmType.SwProtectedVm;

    /// <inheritdoc/>
    public uint GuestRequestType => PlainConstants.GuestRequestType;

    /// <inheritdoc/>
    public IConfidentialCpu Cpu { get; }

    /// <inheritdoc/>
    public IHostTsm HostTsm { get; }

    /// <inheritdoc/>
    public IConfidentialMemory Memory { get; }

    /// <inheritdoc/>
    public ITrustedIommu Iommu { get; }

    /// <inheritdoc/>
    public FlowProfile? Flow(string profile) => profile == PlainSeed202505.Profile.Profile ? PlainSeed202505.Profile : null;

    /// <inheritdoc/>
    public IGuestCallDecoder CreateDecoder(VmmContext context) => new PlainGuestCalls(context);

    /// <inheritdoc/>
    public IAcceptRequests CreateAcceptRequests(VmmContext context) => new PlainAcceptRequests();

    /// <inheritdoc/>
    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => new PlainGuestTsm(machine, hub);
}
