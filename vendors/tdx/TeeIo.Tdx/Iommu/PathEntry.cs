using TeeIo.Pci;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Iommu;

/// <summary>An entry above those of TDIs: the root's serves a bus, the others one function each.</summary>
/// <param name="level">Its level.</param>
/// <param name="requesterId">The function that it was made for.</param>
/// <param name="table">The page that it leads to.</param>
internal sealed class PathEntry(DmarLevel level, ushort requesterId, ulong table)
{
    public DmarLevel Level { get; } = level;

    public ushort RequesterId { get; } = requesterId;

    public ulong Table { get; } = table;

    public HashSet<TsmFunction> Users { get; } = [];

    /// <summary>Whether the way to <paramref name="function"/> leads through it at <paramref name="level"/>.</summary>
    public bool Serves(DmarLevel level, TsmFunction function) =>
        level == Level && (level == DmarLevel.Rte ? new PciAddress(0, RequesterId).Bus == function.Address.Bus : RequesterId == function.Address.RequesterId);
}
