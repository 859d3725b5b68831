using TeeIo.Flow.Ftrace;
using TeeIo.Tdx.Kvm;
using TeeIo.Tdx.Profiles;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Flow;

/// <summary>TDX in a kernel's trace: the flows that it is held against, and SEAMCALLs, whose leaf is a number and whose operands are registers.</summary>
public static class TdxTrace
{
    // The version of a leaf is above it.
    private const int LeafBits = 16;

    /// <summary>What TDX brings.</summary>
    public static TraceVendor Vendor { get; } = new(
        "tdx",
        KvmTdxConstants.VmTypeTdx,
        [TdxSeed202505.Profile, TdxArmV5.Profile, TdxNext.Profile, TdxLinux73.Profile],
        [new FirmwareProbe("seamcall", "leaf", LeafBits, SeamcallCalls.All)],
        [new TeardownOrder(), new CacheFlush()]);
}
