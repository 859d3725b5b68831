using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>Answers a guest's messages of version 2, where a TDI goes by its id and pages by their number.</summary>
internal sealed class TdiMessages(TdiRequests requests, Func<ulong, ulong> physical) : ITioGuestResponder
{
    private const ulong LastPage = ulong.MaxValue / PhysicalMemory.PageSize;

    public uint TioTdiInfo(in TdiInfoReq request, ref TdiInfoRsp response)
    {
        TdiContext tdi = requests.Tdi;
        response.TdiId = request.TdiId;
        response.Status = Find(request.TdiId);
        if (response.Status != TdiBindStatus.Bound) return 0;
        (response.MeasFlags, response.TdispLockFlags, response.SpdmAlgos) = (requests.MeasurementFlags, (TdiLockInfo)tdi.LockFlags, tdi.Device.Algorithms);
        tdi.Device.CertificatesDigest.CopyTo((Span<byte>)response.CertsDigest);
        tdi.Device.MeasurementsDigest.CopyTo((Span<byte>)response.MeasDigest);
        tdi.Report?.Hash.Span.CopyTo(response.InterfaceReportDigest);
        response.TdiReportCount = tdi.ReportCount;
        return 0;
    }

    public uint TioMmioValidate(in MmioValidateReq request, ref MmioValidateRsp response)
    {
        (response.TdiId, response.SubrangeBase, response.SubrangePageCount) = (request.TdiId, request.SubrangeBase, request.SubrangePageCount);
        (response.RangeOffset, response.RangeId) = (request.RangeOffset, request.RangeId);
        if (request.SubrangeBase > LastPage) return (uint)SevRet.InvalidParam;
        response.Status = requests.ValidateMmio(
            Find(request.TdiId), request.SubrangeBase * PhysicalMemory.PageSize, request.SubrangePageCount, request.RangeOffset, request.RangeId, request.Flags, out MmioValidatedFlags changed);
        response.Flags = changed;
        return 0;
    }

    public uint TioSdteWrite(in SdteWriteReq request, ref SdteWriteRsp response)
    {
        response.TdiId = request.TdiId;
        response.Status = requests.WriteSdte(Find(request.TdiId), request.Sdte);
        return 0;
    }

    public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
    {
        errorCode = 0;
        return true;
    }

    public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    private TdiBindStatus Find(Ghcb.TdiId id) => requests.Find(physical(id.Value) == requests.Tdi.Id);
}
