using TeeIo.Flow.Ftrace;
using TeeIo.Sev.Kvm;
using TeeIo.Sev.Profiles;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Flow;

/// <summary>SEV in a kernel's trace: the flows that it is held against, and the commands of the AMD-SP's firmware.</summary>
public static class SevTrace
{
    private const int CommandBits = 32;

    /// <summary>What SEV brings.</summary>
    public static TraceVendor Vendor { get; } = new(
        "sev",
        KvmSevConstants.VmTypeSnp,
        [SevSeed202505.Profile, SevArmV5.Profile, SevNext.Profile, SevLinux73.Profile],
        [new FirmwareProbe("sev", "cmd", CommandBits, [.. SnpFirmwareCalls.All, .. TioFirmwareCalls.All])],
        [new CacheFlush()]);
}
