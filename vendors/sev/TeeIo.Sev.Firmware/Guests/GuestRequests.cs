using TeeIo.Flow;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Devices;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Guest.V1;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>Passes guests' messages to who answers them: those about a TDI come with TIO_GUEST_REQUEST only, others with SNP_GUEST_REQUEST only.</summary>
internal sealed class GuestRequests(
    GuestTable guests, GuestMessages messages, DeviceTable devices, FirmwarePages pages, ReverseMap rmp, PhysicalMemory memory, CrossingHub? hub)
{
    private const byte OldVersion = 1;

    public SevRet Serve(in SnpGuestRequest argument)
    {
        SevRet status = Find(argument.GctxPaddr, out GuestContext guest);
        if (status != SevRet.Success) return status;
        var responder = new SnpRequests(guest);
        return messages.Serve(guest, argument.ReqPaddr, argument.ResPaddr, Answer);

        int Answer(ReadOnlySpan<byte> request, Span<byte> response, out uint refusal) =>
            IsAboutTdi(request) ? Refuse(out refusal) : SnpGuestDispatcher.Dispatch(responder, hub, request, response, out refusal);
    }

    /// <summary>Serves a message about a TDI. None of them needs the device, so that no exchange comes of it; one that waits goes first.</summary>
    public SevRet Serve(in TioGuestRequest argument)
    {
        SevRet status = devices.Find(argument.DevCtxSla, argument.TdiCtxSla, out TdiContext tdi);
        if (status != SevRet.Success) return status;
        status = Find(argument.GctxPaddr, out GuestContext guest);
        if (status != SevRet.Success) return status;
        if (tdi.Device.Bounce.Pending is not null) return SevRet.InUse;
        var requests = new TdiRequests(tdi, guest, rmp, memory);
        return messages.Serve(guest, argument.ReqPaddr, argument.ResPaddr, Answer);

        int Answer(ReadOnlySpan<byte> request, Span<byte> response, out uint refusal)
        {
            if (!IsAboutTdi(request)) return Refuse(out refusal);
            SnpGuestMsgHdr.TryRead(request, out SnpGuestMsgHdr header);
            return header.MsgVersion == OldVersion
                ? TioGuestV1Dispatcher.Dispatch(new TdiMessagesV1(requests), hub, request, response, out refusal)
                : TioGuestDispatcher.Dispatch(new TdiMessages(requests, pages.Physical), hub, request, response, out refusal);
        }
    }

    private static bool IsAboutTdi(ReadOnlySpan<byte> request) =>
        SnpGuestMsgHdr.TryRead(request, out SnpGuestMsgHdr header) && header.MsgType is >= SnpMsgType.TioTdiInfoReq and <= SnpMsgType.TioSdteWriteRsp;

    private static int Refuse(out uint refusal)
    {
        refusal = (uint)SevRet.InvalidParam;
        return 0;
    }

    private SevRet Find(GctxPaddrId paddr, out GuestContext guest)
    {
        if (!guests.TryGet(paddr.Value, out guest!)) return SevRet.InvalidGuest;
        return guest.State == GuestState.Running ? SevRet.Success : SevRet.InvalidGuestState;
    }
}
