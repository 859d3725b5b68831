using TeeIo.Platform.Hardware;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Guest.V1;
using TeeIo.Sev.Psp;
using MmioValidateReq = TeeIo.Sev.Guest.V1.MmioValidateReq;
using MmioValidateRsp = TeeIo.Sev.Guest.V1.MmioValidateRsp;
using SdteWriteReq = TeeIo.Sev.Guest.V1.SdteWriteReq;
using SdteWriteRsp = TeeIo.Sev.Guest.V1.SdteWriteRsp;
using TdiInfoReq = TeeIo.Sev.Guest.V1.TdiInfoReq;
using TdiInfoRsp = TeeIo.Sev.Guest.V1.TdiInfoRsp;

namespace TeeIo.Sev.Firmware.Devices;

/// <summary>Answers a guest's messages of version 1, where a TDI goes by its bus, device and function as the guest sees it, and pages by their address.</summary>
internal sealed class TdiMessagesV1(TdiRequests requests) : ITioGuestV1Responder
{
    public uint TioTdiInfo(in TdiInfoReq request, ref TdiInfoRsp response)
    {
        TdiContext tdi = requests.Tdi;
        response.GuestDeviceId = request.GuestDeviceId;
        response.Status = Find(request.GuestDeviceId);
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
        (response.GuestDeviceId, response.SubrangeBase, response.SubrangePageCount) = (request.GuestDeviceId, request.SubrangeBase, request.SubrangePageCount);
        (response.RangeOffset, response.RangeId) = (request.RangeOffset, request.RangeId);
        if (request.SubrangeBase % PhysicalMemory.PageSize != 0) return (uint)SevRet.InvalidParam;
        response.Status = requests.ValidateMmio(
            Find(request.GuestDeviceId), request.SubrangeBase, request.SubrangePageCount, request.RangeOffset, request.RangeId, request.Flags, out MmioValidatedFlags changed);
        response.Flags = changed;
        return 0;
    }

    /// <summary>Reads a range's attributes. Writing them, and how that or a wrong range is answered, is known nowhere: such a message is refused.</summary>
    public uint TioMmioConfig(in MmioConfigReq request, ref MmioConfigRsp response)
    {
        ushort rangeId = request.RangeId;
        bool isKnown = Find(request.GuestDeviceId) == TdiBindStatus.Bound && requests.Tdi.Report is { } report && report.Ranges.Any(range => range.Id == rangeId);
        if (request.IsWrite || !isKnown) return (uint)SevRet.InvalidParam;
        (response.GuestDeviceId, response.RangeId) = (request.GuestDeviceId, rangeId);
        response.Flags = (MmioConfigFlags)requests.Tdi.Report!.Ranges.First(range => range.Id == rangeId).Attributes;
        return 0;
    }

    public uint TioSdteWrite(in SdteWriteReq request, ref SdteWriteRsp response)
    {
        response.GuestDeviceId = request.GuestDeviceId;
        response.Status = requests.WriteSdte(Find(request.GuestDeviceId), request.Sdte);
        return 0;
    }

    public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
    {
        errorCode = 0;
        return true;
    }

    public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    private TdiBindStatus Find(ushort guestDeviceId) => requests.Find(guestDeviceId == requests.Tdi.GuestDeviceId);
}
