using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Platform.Kernel.Iommufd;

/// <summary>The guest's requests, which IOMMUFD passes to the TSM core.</summary>
internal sealed class SeedIommufdServer(IommufdContext context) : ISeedIommufdServer, IProfileCalls
{
    public bool Handles(uint request) => SeedIommufdDispatcher.Handles(request);

    public SysResult Dispatch(CrossingHub hub, uint request, scoped in IoctlFrame frame) => SeedIommufdDispatcher.Dispatch(this, hub, request, frame);

    public SysResult VdeviceTsmGuestRequest(
        ref IommuVdeviceTsmGuestRequest argument, Span<byte> typeInfo, ReadOnlySpan<byte> req, Span<byte> resp)
    {
        if (context.Find<Vdevice>(argument.VdeviceId.Value) is not { } vdevice || !vdevice.Device.Device.IsBound) return Errno.ENOENT;
        vdevice.Calls++;
        try
        {
            SysResult result = context.Kernel.Tsm.TsmGuestReq(vdevice.Device.Device.Tsm, (uint)argument.Type, req, resp, out _);
            if (!result.IsOk) return result;
            argument.RespLen = (uint)Math.Max(0, resp.Length - result.Value);
            return SysResult.Ok;
        }
        finally
        {
            vdevice.Calls--;
        }
    }
}
