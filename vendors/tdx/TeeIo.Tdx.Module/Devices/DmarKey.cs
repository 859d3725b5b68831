using TeeIo.Pci;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Module.Devices;

/// <summary>Names an entry of the trusted DMA tables: by bus at the root, by requester id at the context, by the first PASID of a table in the directory.</summary>
/// <param name="IommuId">The IOMMU.</param>
/// <param name="Level">The level.</param>
/// <param name="Rid">Requester id, as far as the level looks at it.</param>
/// <param name="Pasid">PASID, as far as the level looks at it.</param>
internal readonly record struct DmarKey(ushort IommuId, DmarLevel Level, ushort Rid, uint Pasid)
{
    public static DmarKey Of(ushort iommuId, DmarLevel level, ushort rid, uint pasid) => level switch
    {
        DmarLevel.Rte => new(iommuId, level, PciAddress.Of(0, new PciAddress(0, rid).Bus, 0, 0).RequesterId, 0),
        DmarLevel.Cte => new(iommuId, level, rid, 0),
        DmarLevel.Pde => new(iommuId, level, rid, pasid - (pasid % SeamcallConstants.PasidsPerTable)),
        _ => new(iommuId, level, rid, pasid),
    };

    /// <summary>The entry above, or null for the root's.</summary>
    public DmarKey? Parent() => Level == DmarLevel.Rte ? null : Of(IommuId, Level + 1, Rid, Pasid);

    public bool IsBelow(DmarKey other) => Parent() is { } parent && parent == other;
}
