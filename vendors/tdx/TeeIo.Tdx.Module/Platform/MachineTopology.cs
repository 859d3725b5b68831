using TeeIo.Pci;
using TeeIo.Platform;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Host;

namespace TeeIo.Tdx.Module.Platform;

/// <summary>What the platform's PCI bus looks like to the host's drivers.</summary>
internal sealed class MachineTopology(SoftwareMachine machine) : IPciTopology
{
    public byte RootPortOf(PciAddress function) => machine.RootPortAddress;

    public ushort LastRequesterId(PciAddress function) => machine.Functions[^1].Address.RequesterId;

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
