using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Vmm;

/// <summary>A TD has no call by which it accepts: its first access to private MMIO faults. Before the VMM has the MMIO mapped, the host adds the TDI's DMA entry.</summary>
public sealed class TdxAcceptRequests : IAcceptRequests
{
    /// <inheritdoc/>
    public SysResult WriteRequest(ConfidentialVm vm, uint guestRid, Span<byte> request)
    {
        if (request.Length < TdxGuestRequest.ByteSize) return Errno.ENOSPC;
        GuestRequests.Write(GuestRequestOperation.AcceptDma, request);
        return SysResult.Of(TdxGuestRequest.ByteSize);
    }
}
