namespace TeeIo.Tdx.Module;

/// <summary>What a TDX module of this machine looks like. Its page counts and limits differ between real modules; these are ours.</summary>
public sealed record TdxModuleOptions
{
    /// <summary>Memory keys of the machine, the host's key 0 included.</summary>
    public int KeyCount { get; init; } = 16;

    /// <summary>Pages that an SPDM session needs.</summary>
    public int SpdmPages { get; init; } = 2;

    /// <summary>Pages that an IDE stream needs.</summary>
    public int IdeStreamPages { get; init; } = 1;

    /// <summary>Pages that an IOMMU needs beside its queues.</summary>
    public int IommuPages { get; init; } = 2;

    /// <summary>The most pages that device information takes.</summary>
    public int DeviceInfoPages { get; init; } = 8;

    /// <summary>Records of a session after which it wants new keys.</summary>
    public int RecordsPerKey { get; init; } = 16;

    /// <summary>Invalidations that wait in an IOMMU's queue at most.</summary>
    public int InvalidationQueueLength { get; init; } = 8;

    /// <summary>Register bases of the IOMMUs that can do trusted DMA.</summary>
    public IReadOnlyList<ulong> IommuBases { get; init; } = [0xFED9_0000];

    /// <summary>Lowest bit of the key id in an address that carries one.</summary>
    public int KeyIdShift { get; init; } = 46;

    /// <summary>Pages that TDG.MMIO.ACCEPT takes before an interrupt comes.</summary>
    public int PagesPerAccept { get; init; } = 4;

    /// <summary>Whether the first try of a leaf on an object fails with a status that asks for another one.</summary>
    public bool HasContention { get; init; } = true;
}
