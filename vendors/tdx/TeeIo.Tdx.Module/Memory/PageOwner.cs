namespace TeeIo.Tdx.Module.Memory;

/// <summary>How the metadata names an owner that isn't a TD. A TD is named by its root page, whose low bits are zero.</summary>
internal static class PageOwner
{
    /// <summary>The trees of the module itself.</summary>
    public const ulong Module = 0;

    public static ulong Session(ulong id) => (id << 2) | 1;

    public static ulong Stream(ulong id) => (id << 2) | 2;

    public static ulong Iommu(ulong id) => (id << 2) | 3;
}
