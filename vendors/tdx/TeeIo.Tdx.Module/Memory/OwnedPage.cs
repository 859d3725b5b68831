using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Module.Memory;

/// <summary>A page that the module owns.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Owner">Whose it is: the TD's root page, or an id of an IOMMU, a session or a stream.</param>
internal readonly record struct OwnedPage(PageType Type, ulong Owner);
