using TeeIo.Linux;
using TeeIo.Platform;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.Host;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Module;

namespace TeeIo.Cli;

/// <summary>The vendors that this build knows.</summary>
internal static class Vendors
{
    private static readonly Dictionary<string, Func<SoftwareMachine, IVendorPlatform>> s_all = new(StringComparer.Ordinal)
    {
        ["tdx"] = machine => new TdxPlatform(machine),
        ["sev"] = machine => new SevPlatform(machine),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>How to tell what of them a Linux machine has.</summary>
    public static IReadOnlyList<(string Name, IReadOnlyList<HostSign> Signs)> HostSigns { get; } = [("TDX", TdxHostSigns.All), ("SEV-SNP", SevHostSigns.All)];

    /// <summary>What makes the vendor called <paramref name="name"/>, or null.</summary>
    public static Func<SoftwareMachine, IVendorPlatform>? Find(string name) => s_all.GetValueOrDefault(name);
}
