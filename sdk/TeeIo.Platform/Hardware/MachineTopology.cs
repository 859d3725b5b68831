using TeeIo.Pci;
using TeeIo.Tsm;

namespace TeeIo.Platform.Hardware;

/// <summary>What the platform's PCI bus looks like to the host's drivers.</summary>
/// <param name="machine">The machine, which has one root port.</param>
public sealed class MachineTopology(SoftwareMachine machine) : IPciTopology
{
    /// <inheritdoc/>
    public byte RootPortOf(PciAddress function) => machine.RootPortAddress;

    /// <inheritdoc/>
    public byte RootPortNumberOf(PciAddress function) => machine.RootPortNumber;

    /// <inheritdoc/>
    public ushort LastRequesterId(PciAddress function) => machine.Functions[^1].Address.RequesterId;

    /// <inheritdoc/>
    public IReadOnlyList<ulong> MmioPages(PciAddress function)
    {
        var pages = new List<ulong>();
        if (machine.Device.Functions.FirstOrDefault(f => f.Address == function) is not IPciFunction found) return pages;
        for (int bar = 0; found.BarSize(bar) > 0; bar++)
        {
            for (ulong offset = 0; offset < found.BarSize(bar); offset += PhysicalMemory.PageSize) pages.Add(found.BarAddress(bar) + offset);
        }

        return pages;
    }
}
