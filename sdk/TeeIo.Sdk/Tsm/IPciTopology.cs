using TeeIo.Pci;

namespace TeeIo.Tsm;

/// <summary>What the host's PCI core knows about a function and a driver has to tell the firmware.</summary>
public interface IPciTopology
{
    /// <summary>Device and function of the root port above <paramref name="function"/>.</summary>
    byte RootPortOf(PciAddress function);

    /// <summary>Port number of that root port, which its link capabilities have.</summary>
    byte RootPortNumberOf(PciAddress function);

    /// <summary>The last requester id that <paramref name="function"/> and its virtual functions use.</summary>
    ushort LastRequesterId(PciAddress function);

    /// <summary>Host-physical addresses of all pages of the memory BARs of <paramref name="function"/>, ascending.</summary>
    IReadOnlyList<ulong> MmioPages(PciAddress function);
}
