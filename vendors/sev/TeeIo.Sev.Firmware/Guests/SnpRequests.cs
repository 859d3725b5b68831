using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>Answers a guest's messages that aren't about devices. A report is a model: its fields are true to the model, and nobody has signed it.</summary>
internal sealed class SnpRequests(GuestContext guest) : ISnpGuestResponder
{
    private const uint ReportVersion = 2;

    public uint Key(in KeyReq request, ref KeyRsp response) => (uint)SevRet.Unsupported;

    public uint Report(in ReportReq request, ref ReportRsp response)
    {
        // The VMPL that a guest may speak for begins at its key's own.
        if (request.Vmpl >= GuestContext.KeyCount || request.Vmpl < request.Hdr.MsgVmpck)
        {
            response.Status = SevRet.InvalidParam;
            return 0;
        }

        response.ReportSize = AttestationReport.ByteSize;
        ref AttestationReport report = ref response.Report;
        (report.Version, report.Policy, report.Vmpl) = (ReportVersion, (ulong)guest.Policy, request.Vmpl);
        ((ReadOnlySpan<byte>)request.UserData).CopyTo(report.ReportData);
        guest.Measurement.CopyTo(report.Measurement);
        guest.HostData.CopyTo((Span<byte>)report.HostData);
        guest.ReportId.CopyTo((Span<byte>)report.ReportId);
        return 0;
    }

    public uint TscInfo(in TscInfoReq request, ref TscInfoRsp response)
    {
        response.Status = SevRet.Unsupported;
        return 0;
    }

    public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
    {
        errorCode = 0;
        return true;
    }

    public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;
}
