using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Next;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>Profile <c>next</c>: bind, unbind and requests by operation and architecture, all on the vDEVICE.</summary>
internal sealed class NextIommufdServer(IommufdContext context) : INextIommufdServer, IProfileCalls
{
    private readonly TsmRequests _tsm = new(context);

    public bool Handles(uint request) => NextIommufdDispatcher.Handles(request);

    public SysResult Dispatch(CrossingHub hub, uint request, scoped in IoctlFrame frame) => NextIommufdDispatcher.Dispatch(this, hub, request, frame);

    public SysResult VdeviceTsmOp(ref IommuVdeviceTsmOp argument) =>
        _tsm.Operate(argument.VdeviceId.Value, argument.Type == TsmOpType.Bind, argument.Type == TsmOpType.Unbind);

    public SysResult VdeviceTsmReq(ref IommuVdeviceTsmReq argument, ReadOnlySpan<byte> req, Span<byte> resp)
    {
        argument.TsmCode = 0;
        if (!Enum.IsDefined(argument.TvmArch) || !HasOperation(argument.Op, argument.TvmArch)) return Errno.EINVAL;
        if (context.Find<Vdevice>(argument.VdeviceId.Value) is null) return Errno.ENOENT;

        // The TSM serves its own architecture's guests only.
        if ((uint)argument.TvmArch != context.Kernel.Vendor.Architecture) return Errno.EINVAL;
        SysResult result = _tsm.Request(argument.VdeviceId.Value, (uint)argument.Op, req, resp, out ulong code);
        argument.TsmCode = code;
        return result;
    }

    private static bool HasOperation(TsmReqOp operation, TvmArch architecture) =>
        Enum.IsDefined(operation) && (operation.OnlyWith() is not { } only || only == architecture);
}
