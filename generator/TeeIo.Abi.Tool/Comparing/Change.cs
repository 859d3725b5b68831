namespace TeeIo.Abi.Tool.Comparing;

/// <summary>Something that differs between two sets of specs.</summary>
/// <param name="Rule">What kind of change it is.</param>
/// <param name="Spec">The spec.</param>
/// <param name="Item">The item in it: <c>iommu_ioas_map.iova</c>.</param>
/// <param name="Before">What it was; null where it wasn't there.</param>
/// <param name="After">What it is; null where it isn't there any more.</param>
internal sealed record Change(ChangeRule Rule, string Spec, string Item, string? Before, string? After);
