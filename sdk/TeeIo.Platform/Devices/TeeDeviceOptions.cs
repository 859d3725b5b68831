using TeeIo.Pci;

namespace TeeIo.Platform.Devices;

/// <summary>Where a device is, and how much of it.</summary>
/// <param name="Address">The physical function; the virtual ones follow it.</param>
/// <param name="VirtualFunctions">How many virtual functions it has.</param>
/// <param name="MmioBase">Host-physical address of the first BAR; the others follow it.</param>
public sealed record TeeDeviceOptions(PciAddress Address, int VirtualFunctions, ulong MmioBase);
