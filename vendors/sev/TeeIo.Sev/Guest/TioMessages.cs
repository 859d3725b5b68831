using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Sev.Ghcb;

namespace TeeIo.Sev.Guest;

/// <summary>The guest's messages to the firmware about a TDI, with what the host has to know of each.</summary>
/// <param name="channel">Carries them.</param>
/// <param name="hub">Where the boundaries report.</param>
internal sealed class TioMessages(FirmwareChannel channel, CrossingHub hub)
{
    private readonly TioGuestRequester _requester = new(channel, hub);

    /// <summary>Asks the firmware about a TDI.</summary>
    /// <param name="device">The device.</param>
    /// <param name="tdi">Its name in messages.</param>
    /// <param name="wanted">What the host is to add.</param>
    /// <param name="data">Where the host puts it, or null.</param>
    /// <param name="description">What the firmware vouches for.</param>
    /// <returns>EIO also where the host says that what it adds doesn't fit.</returns>
    public SysResult Describe(GuestDevice device, TdiId tdi, TioInfoFlags wanted, TioDataBuffer? data, out TdiDescription? description)
    {
        channel.Context = new TioRequestContext(IdOf(device), (ulong)wanted, 0, data?.Gpa ?? 0, data is null ? 0UL : TioDataBuffer.Pages);
        description = null;
        if (!_requester.TryTioTdiInfo(tdi, out TdiInfoRsp answer).IsOk) return Failed();
        if (answer.TdiId != tdi) return Errno.EPROTO;
        description = new TdiDescription(answer.Status, answer.MeasFlags, Bytes(answer.CertsDigest), Bytes(answer.MeasDigest), Bytes(answer.InterfaceReportDigest));
        return channel.NeededPages > 0 ? Errno.EIO : SysResult.Ok;
    }

    /// <summary>Accepts a range of MMIO, or gives it back.</summary>
    /// <returns>EPROTO where the firmware answered for other pages, or found pages accepted before that weren't.</returns>
    public SysResult Validate(GuestDevice device, TdiId tdi, TeeRange range, bool accept)
    {
        ulong parameter = RegisterBoundary.Pack(new TioMmioParam { Gfn = range.FirstGpaPage, Private = accept });
        channel.Context = new TioRequestContext(IdOf(device), parameter, range.PageCount);
        MmioValidateFlags flags = accept ? MmioValidateFlags.Validated : MmioValidateFlags.None;
        if (!_requester.TryTioMmioValidate(tdi, range.FirstGpaPage, range.PageCount, range.Offset, flags, range.RangeId, out MmioValidateRsp answer).IsOk) return Failed();
        if (answer.TdiId != tdi || answer.SubrangeBase != range.FirstGpaPage || answer.SubrangePageCount != range.PageCount || answer.RangeOffset != range.Offset || answer.RangeId != range.RangeId)
            return Errno.EPROTO;
        if (answer.Status != MmioValidateStatus.Success) return answer.Status is MmioValidateStatus.TdiUnbound or MmioValidateStatus.InvalidTdi ? Errno.ESTALE : Errno.EIO;

        // Pages that the guest hasn't accepted and that are accepted all the same were accepted at another place.
        return accept && !answer.Flags.HasFlag(MmioValidatedFlags.Changed) ? Errno.EPROTO : SysResult.Ok;
    }

    /// <summary>Writes the TDI's secure device table entry: DMA to all private memory, or none.</summary>
    public SysResult WriteSdte(GuestDevice device, TdiId tdi, bool enable)
    {
        ulong vtom = TioGuestConstants.DefaultVtom >> TioGuestConstants.VtomShift;
        Sdte entry = enable ? new Sdte { V = true, Ir = true, Iw = true, VtomEn = true, Vtom = (uint)vtom } : default;
        ulong parameter = enable ? RegisterBoundary.Pack(new TioSdteParam { Validate = true, Vtom = vtom }) : 0;
        channel.Context = new TioRequestContext(IdOf(device), parameter);
        if (!_requester.TryTioSdteWrite(tdi, entry, out SdteWriteRsp answer).IsOk) return Failed();
        if (answer.TdiId != tdi) return Errno.EPROTO;
        return answer.Status switch
        {
            SdteWriteStatus.Success => SysResult.Ok,
            SdteWriteStatus.InvalidTdi or SdteWriteStatus.TdiNotBound => Errno.ESTALE,
            _ => Errno.EIO,
        };
    }

    /// <summary>The device in the words of the GHCB: its requester id in PCI domain 0.</summary>
    public static SbdfnId IdOf(GuestDevice device) => new(device.RequesterId);

    private static byte[] Bytes(ReadOnlySpan<byte> digest) => digest.ToArray();

    /// <summary>What an op may give: a key that was wiped, and anything else that the host can bring about, is an error of input and output.</summary>
    private SysResult Failed() => channel.Failure switch
    {
        Errno.Ok => Errno.EPROTO,
        Errno.EBADMSG => Errno.EBADMSG,
        Errno.ETIMEDOUT => Errno.ETIMEDOUT,
        _ => Errno.EIO,
    };
}
