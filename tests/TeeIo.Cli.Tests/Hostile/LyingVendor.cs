using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>A vendor between whose parts something changes on its way.</summary>
internal sealed class LyingVendor(IVendorPlatform vendor, Liar liar) : IVendorPlatform
{
    public string Name => vendor.Name;

    public uint MachineType => vendor.MachineType;

    public uint GuestRequestType => vendor.GuestRequestType;

    public uint Architecture => vendor.Architecture;

    public IHostEvidence? HostEvidence => vendor.HostEvidence;

    public IConfidentialCpu Cpu => vendor.Cpu;

    public IExitEncoder Exits => vendor.Exits;

    public IHostTsm HostTsm { get; } = new LyingHostTsm(vendor.HostTsm, liar);

    public IConfidentialMemory Memory => vendor.Memory;

    public ITrustedIommu Iommu => vendor.Iommu;

    public IReadOnlyList<ITraceInvariant> Invariants => vendor.Invariants;

    public uint? RequestOperation(RequestKind kind) => vendor.RequestOperation(kind);

    public FlowProfile? Flow(string profile) => vendor.Flow(profile);

    public IGuestCallDecoder CreateDecoder(VmmContext context) => new LyingDecoder(vendor.CreateDecoder(context with { Memory = new LyingMemory(context.Memory, liar) }), liar);

    public IAcceptRequests CreateAcceptRequests(VmmContext context) => vendor.CreateAcceptRequests(context);

    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => vendor.CreateGuestTsm(new LyingMachine(machine, liar), hub);
}
