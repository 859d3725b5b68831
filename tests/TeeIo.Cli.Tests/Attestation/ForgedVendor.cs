using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Attestation;

/// <summary>A vendor whose guests read evidence from memory in which a host has flipped a bit.</summary>
internal sealed class ForgedVendor(IVendorPlatform vendor, EvidenceForger forger) : IVendorPlatform
{
    public string Name => vendor.Name;

    public uint MachineType => vendor.MachineType;

    public uint GuestRequestType => vendor.GuestRequestType;

    public uint Architecture => vendor.Architecture;

    public IHostEvidence? HostEvidence => vendor.HostEvidence;

    public IConfidentialCpu Cpu => vendor.Cpu;

    public IExitEncoder Exits => vendor.Exits;

    public IHostTsm HostTsm => vendor.HostTsm;

    public IConfidentialMemory Memory => vendor.Memory;

    public ITrustedIommu Iommu => vendor.Iommu;

    public IReadOnlyList<ITraceInvariant> Invariants => vendor.Invariants;

    public uint? RequestOperation(RequestKind kind) => vendor.RequestOperation(kind);

    public FlowProfile? Flow(string profile) => vendor.Flow(profile);

    public IGuestCallDecoder CreateDecoder(VmmContext context) => vendor.CreateDecoder(context);

    public IAcceptRequests CreateAcceptRequests(VmmContext context) => vendor.CreateAcceptRequests(context);

    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => vendor.CreateGuestTsm(new ForgedMachine(machine, forger), hub);
}
