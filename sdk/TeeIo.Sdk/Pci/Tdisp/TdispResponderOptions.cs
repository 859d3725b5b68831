namespace TeeIo.Pci.Tdisp;

/// <summary>What a device says of itself.</summary>
/// <param name="LockFlags">The flags that a lock may carry.</param>
/// <param name="AddressWidth">Bits of the addresses that it can make.</param>
/// <param name="OutstandingRequests">Requests that one interface, and all together, can have outstanding.</param>
/// <param name="ReportPortion">The most bytes that it puts into a portion of an interface report.</param>
public sealed record TdispResponderOptions(LockFlags LockFlags, byte AddressWidth, byte OutstandingRequests, int ReportPortion);
