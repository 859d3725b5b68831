using TeeIo.Tsm;

namespace TeeIo.Sev.Kvm;

/// <summary>KVM's page tables of its VMs, which CPUs and IOMMU walk before they look into the RMP. The host writes them, so nobody trusts them.</summary>
public interface INestedPageTables
{
    /// <summary>Translates a guest-physical address.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="gpa">The address, without the C-bit.</param>
    /// <param name="hpa">The host-physical address of the same byte.</param>
    /// <returns>False where nothing is mapped.</returns>
    bool TryTranslate(ConfidentialVm vm, ulong gpa, out ulong hpa);
}
