using TeeIo.Boundaries;
using TeeIo.Plain.Calls;
using TeeIo.Tsm;

namespace TeeIo.Plain;

/// <summary>The VMM's request before the first page is accepted: the device's DMA is let through.</summary>
[TsmDriver]
internal sealed partial class PlainAcceptRequests : AcceptRequestsDriver
{
    protected override SysResult WriteRequest(WriteRequestContext context)
    {
        context.Request[0] = (byte)PlainRequest.AcceptDma;
        return SysResult.Of(1);
    }
}
