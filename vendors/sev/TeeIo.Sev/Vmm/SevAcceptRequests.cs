using TeeIo.Boundaries;
using TeeIo.Tsm;

namespace TeeIo.Sev.Vmm;

/// <summary>An SNP guest accepts by messages to the firmware, so there is nothing to prepare where it faults.</summary>
[TsmDriver]
public sealed partial class SevAcceptRequests : AcceptRequestsDriver
{
    /// <inheritdoc/>
    protected override SysResult WriteRequest(WriteRequestContext context) => SysResult.Of(0);
}
