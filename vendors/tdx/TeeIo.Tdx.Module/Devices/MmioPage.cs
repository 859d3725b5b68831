namespace TeeIo.Tdx.Module.Devices;

/// <summary>Who owns a page of MMIO.</summary>
/// <param name="Tdi">The TDI.</param>
/// <param name="GpaPage">Where its TD has it mapped; null where it isn't.</param>
internal readonly record struct MmioPage(TdiContext Tdi, ulong? GpaPage);
