using TeeIo.Linux;

namespace TeeIo.Sev.Host;

/// <summary>How to tell that a Linux machine is a host of SEV-SNP guests, or such a guest.</summary>
public static class SevHostSigns
{
    /// <summary>The signs of a host and of a guest (Linux 7.3 arch/x86/kvm/svm/sev.c, drivers/crypto/ccp, drivers/virt/coco/sev-guest).</summary>
    public static IReadOnlyList<HostSign> All { get; } =
    [
        new("/sys/module/kvm_amd/parameters/sev_snp", "Y", "KVM runs SEV-SNP guests", "needs a processor with SEV-SNP, SNP and its IOMMU support switched on in the firmware's setup, a kernel with CONFIG_KVM_AMD_SEV, and kvm_amd.sev=1 kvm_amd.sev_snp=1"),
        new("/dev/sev", null, "the secure processor answers", "needs a kernel with CONFIG_CRYPTO_DEV_SP_PSP (modprobe ccp)"),
        new("/dev/sev-guest", null, "this is an SEV-SNP guest", "only in an SEV-SNP guest; there it needs a kernel with CONFIG_SEV_GUEST (modprobe sev-guest)"),
    ];
}
