using TeeIo.Pci.Tdisp;

namespace TeeIo.Platform;

/// <summary>A TDI and the IDE stream that it was locked with, as the device has them now.</summary>
/// <param name="Name">The function.</param>
/// <param name="State">The TDI's state.</param>
/// <param name="IsSecure">Whether the device's end of the stream is secure.</param>
public sealed record TdiOnStream(string Name, TdiState State, bool IsSecure);
