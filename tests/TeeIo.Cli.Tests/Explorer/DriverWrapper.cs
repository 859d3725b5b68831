using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Explorer;

/// <summary>A vendor's platform with another host driver.</summary>
/// <param name="platform">The vendor's own.</param>
/// <param name="driver">The driver.</param>
internal sealed class DriverWrapper(IVendorPlatform platform, IHostTsm driver) : IVendorPlatform
{
    public string Name => platform.Name;

    public uint MachineType => platform.MachineType;

    public uint GuestRequestType => platform.GuestRequestType;

    public uint Architecture => platform.Architecture;

    public IHostEvidence? HostEvidence => platform.HostEvidence;

    public IHostKeys? HostKeys => platform.HostKeys;

    public IConfidentialCpu Cpu => platform.Cpu;

    public IExitEncoder Exits => platform.Exits;

    public IHostTsm HostTsm => driver;

    public IConfidentialMemory Memory => platform.Memory;

    public ITrustedIommu Iommu => platform.Iommu;

    public IReadOnlyList<ITraceInvariant> Invariants => platform.Invariants;

    public FlowProfile? Flow(string profile) => platform.Flow(profile);

    public IGuestCallDecoder CreateDecoder(VmmContext context) => platform.CreateDecoder(context);

    public IAcceptRequests CreateAcceptRequests(VmmContext context) => platform.CreateAcceptRequests(context);

    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => platform.CreateGuestTsm(machine, hub);
}
