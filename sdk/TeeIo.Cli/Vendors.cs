using TeeIo.Flow.Ftrace;
using TeeIo.Linux;
using TeeIo.Platform;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Flow;
using TeeIo.Sev.Host;
using TeeIo.Tdx.Flow;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli;

/// <summary>The vendors that this build knows.</summary>
internal static class Vendors
{
    private static readonly Dictionary<string, Func<SoftwareMachine, IVendorPlatform>> s_all = new(StringComparer.Ordinal)
    {
        [TdxTrace.Vendor.Name] = machine => new TdxPlatform(machine),
        [SevTrace.Vendor.Name] = machine => new SevPlatform(machine),
    };

    /// <summary>What they bring for traces of a real host.</summary>
    public static IReadOnlyList<TraceVendor> Traces { get; } = [TdxTrace.Vendor, SevTrace.Vendor];

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>How to tell what of them a Linux machine has.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<HostSign> Signs)> HostSigns { get; } = [("TDX", TdxHostSigns.All), ("SEV-SNP", SevHostSigns.All)];

    /// <summary>What makes the vendor called <paramref name="name"/>, or null.</summary>
    public static Func<SoftwareMachine, IVendorPlatform>? Find(string name) => s_all.GetValueOrDefault(name);
}
