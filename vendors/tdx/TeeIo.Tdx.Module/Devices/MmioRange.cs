namespace TeeIo.Tdx.Module.Devices;

/// <summary>A range of a report, with the reporting offset taken out.</summary>
/// <param name="HostAddress">Host-physical address of its first page.</param>
/// <param name="PageCount">Pages.</param>
/// <param name="IsOpen">Whether it is open to accesses without the T bit, and so never private.</param>
internal readonly record struct MmioRange(ulong HostAddress, uint PageCount, bool IsOpen);
