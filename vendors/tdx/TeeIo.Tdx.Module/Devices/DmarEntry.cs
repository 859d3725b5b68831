namespace TeeIo.Tdx.Module.Devices;

/// <summary>An entry of the trusted DMA tables.</summary>
/// <param name="Mapping">Whether it translates.</param>
/// <param name="Invalidation">How far its invalidation is.</param>
/// <param name="Table">The page that it leads to; 0 for a TDI's own.</param>
/// <param name="Tdi">Whose it is, at the last level.</param>
internal readonly record struct DmarEntry(DmarMapping Mapping, DmarInvalidation Invalidation, ulong Table, TdiContext? Tdi);
