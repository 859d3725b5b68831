using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>What a vendor's silicon and firmware add to the platform's CPUs and IOMMUs: page tables that the host can't write, and the guest's instruction.</summary>
public interface IConfidentialCpu
{
    /// <summary>Walks a VM's private page tables for an access by one of its CPUs.</summary>
    PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite);

    /// <summary>Walks the trusted tables for a DMA that a device sent with the T bit.</summary>
    PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite);

    /// <summary>The guest on <paramref name="vcpu"/> accepts a page of private memory that is mapped and pending. Silicon without acceptance has nothing to do.</summary>
    /// <returns>Whether the page can be used now.</returns>
    bool AcceptPage(IVirtualCpu vcpu, ulong gpa) => true;

    /// <summary>Makes the guest's instruction of a new virtual CPU.</summary>
    ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu);
}
