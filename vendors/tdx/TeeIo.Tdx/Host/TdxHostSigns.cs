using TeeIo.Linux;

namespace TeeIo.Tdx.Host;

/// <summary>How to tell that a Linux machine is a TDX host, or a TD.</summary>
public static class TdxHostSigns
{
    /// <summary>The signs of a host and of a guest (Linux 7.3 arch/x86/kvm/vmx/tdx.c, drivers/virt/coco/tdx-guest).</summary>
    public static IReadOnlyList<HostSign> All { get; } =
    [
        new("/sys/module/kvm_intel/parameters/tdx", "Y", "KVM runs TDX guests", "needs a processor with TDX, TDX switched on in the firmware's setup, a kernel with CONFIG_INTEL_TDX_HOST, and kvm_intel.tdx=1 on its command line"),
        new("/dev/tdx_guest", null, "this is a TD", "only in a TDX guest; there it needs a kernel with CONFIG_TDX_GUEST_DRIVER (modprobe tdx_guest)"),
    ];
}
