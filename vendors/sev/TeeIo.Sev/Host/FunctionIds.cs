using TeeIo.Pci;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Sev.Host;

/// <summary>How functions are named to the firmware.</summary>
internal static class FunctionIds
{
    /// <summary>A TDI by the host's numbers. The segment counts where it isn't 0.</summary>
    public static TdispInterfaceId InterfaceOf(PciAddress address) => new()
    {
        FunctionId = new TdispFunctionId { RequesterId = address.RequesterId, Segment = (byte)address.Segment, SegmentValid = address.Segment == 0 ? 0u : 1u },
    };
}
