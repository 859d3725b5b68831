using TeeIo.Boundaries;
using TeeIo.Pci;
using TeeIo.Pci.Tdisp;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Host;

/// <summary>How functions are named to the module. The host names them by their place on its bus, the guest by that on its own.</summary>
internal static class FunctionIds
{
    /// <summary>A function as the host names it. The segment counts where it isn't 0.</summary>
    public static HostFunctionId OfHost(PciAddress address) => new((uint)RegisterBoundary.Pack(new TdispFunctionId
    {
        RequesterId = address.RequesterId,
        Segment = (byte)address.Segment,
        SegmentValid = address.Segment == 0 ? (byte)0 : (byte)1,
    }));

    /// <summary>A TDI as its TD names it, which has one segment.</summary>
    public static FunctionId OfGuest(uint requesterId) => new(RegisterBoundary.Pack(new TdxFunctionId { RequesterId = requesterId }));
}
