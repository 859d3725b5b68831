using TeeIo.Boundaries;
using TeeIo.Linux.Seed202505;

namespace TeeIo.Sdk.Tests.Ioctls;

/// <summary>Answers a guest's request with its bytes in reverse order, and puts one byte into the extra information.</summary>
internal sealed class ReversingIommufd : ISeedIommufdServer
{
    public const byte Mark = 0x5A;

    public int Requests { get; private set; }

    public SysResult VdeviceTsmGuestRequest(ref IommuVdeviceTsmGuestRequest argument, Span<byte> typeInfo, ReadOnlySpan<byte> req, Span<byte> resp)
    {
        Requests++;
        if (!typeInfo.IsEmpty) typeInfo[0] = Mark;
        int length = Math.Min(req.Length, resp.Length);
        req[..length].CopyTo(resp);
        resp[..length].Reverse();
        argument.RespLen = (uint)length;
        return SysResult.Ok;
    }
}
