using TeeIo.Platform;
using TeeIo.Sev.Firmware;
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

    /// <summary>What makes the vendor called <paramref name="name"/>, or null.</summary>
    public static Func<SoftwareMachine, IVendorPlatform>? Find(string name) => s_all.GetValueOrDefault(name);
}
