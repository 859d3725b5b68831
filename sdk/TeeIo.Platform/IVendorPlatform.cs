using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;
using TeeIo.Vmm;

namespace TeeIo.Platform;

/// <summary>What a vendor brings to the software platform: its silicon and firmware model, and its drivers.</summary>
public interface IVendorPlatform
{
    /// <summary>The vendor's short name (<c>--vendor</c>).</summary>
    string Name { get; }

    /// <summary>KVM's machine type of its confidential VMs.</summary>
    uint MachineType { get; }

    /// <summary>The format of its guests' requests, for profiles that select by one.</summary>
    uint GuestRequestType => 0;

    /// <summary>The architecture of its guests, for profiles whose requests name it.</summary>
    uint Architecture => 0;

    /// <summary>The operation that its architecture has of its own for a kind of request, for profiles whose requests name one; null where it has none.</summary>
    uint? RequestOperation(RequestKind kind) => null;

    /// <summary>The evidence that its host driver keeps, for profiles that hand it out by netlink; null where it keeps none.</summary>
    IHostEvidence? HostEvidence => null;

    /// <summary>What its host driver does for the keys of IDE streams; null where it does nothing.</summary>
    IHostKeys? HostKeys => null;

    /// <summary>What its CPUs and IOMMUs enforce.</summary>
    IConfidentialCpu Cpu { get; }

    /// <summary>Its part of KVM's exit handling; by default its guests' calls are KVM's hypercalls.</summary>
    IExitEncoder Exits => HypercallExitEncoder.Instance;

    /// <summary>Its host driver's link operations.</summary>
    IHostTsm HostTsm { get; }

    /// <summary>Its private page tables, for KVM.</summary>
    IConfidentialMemory Memory { get; }

    /// <summary>Its trusted translation, for IOMMUFD.</summary>
    ITrustedIommu Iommu { get; }

    /// <summary>Its own invariants, for the monitor; none by default.</summary>
    IReadOnlyList<ITraceInvariant> Invariants => [];

    /// <summary>The flow as it runs under <paramref name="profile"/>, or null where it doesn't run.</summary>
    FlowProfile? Flow(string profile);

    /// <summary>The decoder of its guests' calls, for one VMM.</summary>
    IGuestCallDecoder CreateDecoder(VmmContext context);

    /// <summary>Its requests before private MMIO is mapped, for one VMM.</summary>
    IAcceptRequests CreateAcceptRequests(VmmContext context);

    /// <summary>Its guest driver's operations, for one guest CPU.</summary>
    IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub);
}
