using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.DevInfo;
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

    /// <remarks>The module vouches for the whole by its hash, so a host that leaves something out or adds something deceives nobody.</remarks>
    public MailboxResult GetDevInfo(ushort deviceId, Span<byte> response, out int responseLength)
    {
        responseLength = 0;
        if (response.Length < TdxDevInfo.ByteSize) return Result(Errno.ENOSPC);
        Span<byte> rest = response[TdxDevInfo.ByteSize..];
        SysResult certificates = Evidence(deviceId, EvidenceObject.Cert0, GuestRequestOperation.InfoCertificates, rest);
        if (!certificates.IsOk) return Result(certificates);
        SysResult measurements = Evidence(deviceId, EvidenceObject.Measurements, GuestRequestOperation.InfoMeasurements, rest[(int)certificates.Value..]);
        if (!measurements.IsOk) return Result(measurements);
        new TdxDevInfo { CertificatesLength = (uint)certificates.Value, MeasurementsLength = (uint)measurements.Value }.Write(response);
        responseLength = (int)(TdxDevInfo.ByteSize + certificates.Value + measurements.Value);
        return MailboxResult.Ok;
    }

    public MailboxResult GetTdiReport(ushort deviceId, Span<byte> response, out int responseLength)
    {
        SysResult report = Evidence(deviceId, EvidenceObject.Report, GuestRequestOperation.InfoReport, response);
        responseLength = report.IsOk ? (int)report.Value : 0;
        return Result(report);
    }

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

    /// <returns>The object's length, never more than the room for it.</returns>
    private SysResult Evidence(ushort deviceId, EvidenceObject evidence, GuestRequestOperation operation, Span<byte> response)
    {
        Span<byte> request = stackalloc byte[TdxGuestRequest.ByteSize];
        GuestRequests.Write(operation, request);
        SysResult result = services.Evidence(vm, deviceId, evidence, [], request, response);
        return result.IsOk && result.Value > response.Length ? Errno.EPROTO : result;
    }

    private static MailboxResult Result(SysResult result) => result.IsOk ? MailboxResult.Ok : MailboxResult.Fail((uint)(result.Errno switch
    {
        Errno.EBUSY or Errno.ENXIO or Errno.EEXIST => TdcmError.InvalidState,
        Errno.ENODEV or Errno.ENOENT or Errno.EOPNOTSUPP => TdcmError.TdxioDevice,
        Errno.EPROTO => TdcmError.TdispMessage,
        _ => TdcmError.TdxModule,
    }));
}
