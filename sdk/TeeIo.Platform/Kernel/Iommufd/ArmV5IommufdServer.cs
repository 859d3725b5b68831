using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.ArmV5;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>Profile <c>arm-v5</c>: bind, unbind and requests by scope, all on the vDEVICE.</summary>
internal sealed class ArmV5IommufdServer(IommufdContext context) : IArmV5IommufdServer, IProfileCalls
{
    private readonly TsmRequests _tsm = new(context);

    public bool Handles(uint request) => ArmV5IommufdDispatcher.Handles(request);

    public SysResult Dispatch(CrossingHub hub, uint request, scoped in IoctlFrame frame) => ArmV5IommufdDispatcher.Dispatch(this, hub, request, frame);

    public SysResult VdeviceTsmOp(ref IommuVdeviceTsmOp argument) =>
        _tsm.Operate(argument.VdeviceId.Value, argument.Type == TsmOpType.Bind, argument.Type == TsmOpType.Unbind);

    /// <remarks>IOMMUFD lets every scope through that exists; the TSM core, the two that don't debug.</remarks>
    public SysResult VdeviceTsmReq(ref IommuVdeviceTsmReq argument, ReadOnlySpan<byte> req, Span<byte> resp)
    {
        argument.TsmCode = 0;
        if (argument.Scope > TsmReqScope.DebugWrite) return Errno.EINVAL;
        if (context.Find<Vdevice>(argument.VdeviceId.Value) is null) return Errno.ENOENT;
        if (argument.Scope > TsmReqScope.StateChange) return Errno.EINVAL;
        SysResult result = _tsm.Request(argument.VdeviceId.Value, (uint)argument.Scope, req, resp, out ulong code);
        argument.TsmCode = code;
        return result;
    }
}
