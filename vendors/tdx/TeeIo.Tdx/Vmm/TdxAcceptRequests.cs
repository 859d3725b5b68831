using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Vmm;

/// <summary>A TD has no call by which it accepts: its first access to private MMIO faults. Before the VMM has the MMIO mapped, the host adds the TDI's DMA entry.</summary>
[TsmDriver]
public sealed partial class TdxAcceptRequests : AcceptRequestsDriver
{
    /// <inheritdoc/>
    protected override SysResult WriteRequest(WriteRequestContext context)
    {
        if (context.Request.Length < TdxGuestRequest.ByteSize) return Errno.ENOSPC;
        GuestRequests.Write(GuestRequestOperation.AcceptDma, context.Request);
        return SysResult.Of(TdxGuestRequest.ByteSize);
    }
}
