namespace TeeIo.Tdx.Host;

/// <summary>The module's tree of MMIO metadata as the host has to account for it. TDIs share the tree's pages, and how many entries one holds is public nowhere, so the pages
/// stay until no TDI owns MMIO any more.</summary>
internal sealed class MmioTree
{
    /// <summary>Pages of memory in the tree, each with the page of MMIO that it was added for.</summary>
    public List<(ulong Mmio, ulong Page)> Leaves { get; } = [];

    /// <summary>Pages of MMIO that TDIs own.</summary>
    public HashSet<ulong> Owned { get; } = [];
}
