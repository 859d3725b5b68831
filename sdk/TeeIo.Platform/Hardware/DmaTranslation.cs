namespace TeeIo.Platform.Hardware;

/// <summary>A device's request as the IOMMU has let it through.</summary>
/// <param name="RequesterId">The device.</param>
/// <param name="Address">The address that it named.</param>
/// <param name="IsWrite">Whether it writes.</param>
/// <param name="IsTrusted">Whether the request had the T bit.</param>
/// <param name="Walk">Where it went.</param>
public readonly record struct DmaTranslation(ushort RequesterId, ulong Address, bool IsWrite, bool IsTrusted, PageWalk Walk);
