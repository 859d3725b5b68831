using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Tdcm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Vmm;

/// <summary>What the VMM does for each operation of TDX Connect management.</summary>
/// <param name="vm">The VM that asks.</param>
/// <param name="services">The VMM.</param>
internal sealed class TdcmServer(ConfidentialVm vm, IVmmServices services) : ITdcmServer
{
    public MailboxResult CheckTeeioSupp(ushort deviceId, out TdcmSupport result)
    {
        SysResult supported = services.SupportsTrustedIo(vm, deviceId);
        result = new TdcmSupport { IsSupported = supported is { IsOk: true, Value: > 0 } ? (byte)1 : (byte)0 };
        return Result(supported);
    }

    public MailboxResult Bind(ushort deviceId) => Result(services.Bind(vm, deviceId));

    public MailboxResult GetDevInfo(ushort deviceId, Span<byte> response, out int responseLength) =>
        Request(deviceId, RequestKind.Info, GuestRequestOperation.InfoDevice, response, out responseLength);

    public MailboxResult GetTdiReport(ushort deviceId, Span<byte> response, out int responseLength) =>
        Request(deviceId, RequestKind.Info, GuestRequestOperation.InfoReport, response, out responseLength);

    public MailboxResult StartTdi(ushort deviceId) => Request(deviceId, RequestKind.SetTdiState, GuestRequestOperation.Start, default, out _);

    public MailboxResult GetTdiState(ushort deviceId, out TdcmTdiState result)
    {
        Span<byte> response = stackalloc byte[TdcmTdiState.ByteSize];
        MailboxResult asked = Request(deviceId, RequestKind.Info, GuestRequestOperation.InfoState, response, out int length);
        result = default;
        if (!asked.IsOk) return asked;
        if (length == TdcmTdiState.ByteSize && TdcmTdiState.TryRead(response, out result)) return asked;
        return MailboxResult.Fail((uint)TdcmError.TdispMessage);
    }

    public MailboxResult Unbind(ushort deviceId) => Result(services.Unbind(vm, deviceId));

    private MailboxResult Request(ushort deviceId, RequestKind kind, GuestRequestOperation operation, Span<byte> response, out int length)
    {
        Span<byte> request = stackalloc byte[TdxGuestRequest.ByteSize];
        GuestRequests.Write(operation, request);
        SysResult result = services.Request(vm, deviceId, kind, request, response);
        length = result.IsOk ? (int)Math.Min(result.Value, response.Length) : 0;
        return Result(result);
    }

    private static MailboxResult Result(SysResult result) => result.IsOk ? MailboxResult.Ok : MailboxResult.Fail((uint)(result.Errno switch
    {
        Errno.EBUSY or Errno.ENXIO or Errno.EEXIST => TdcmError.InvalidState,
        Errno.ENODEV or Errno.ENOENT => TdcmError.TdxioDevice,
        Errno.EPROTO => TdcmError.TdispMessage,
        _ => TdcmError.TdxModule,
    }));
}
