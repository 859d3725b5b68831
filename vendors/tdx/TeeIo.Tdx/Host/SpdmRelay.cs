using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Host;

/// <summary>Carries messages between the module and a device. The module returns from a call with a message for the device; the host sends it, puts the answer into a page and
/// makes the same call again, until the call is done. Neither side is trusted to come to an end: messages and key updates are counted.</summary>
internal sealed class SpdmRelay
{
    private const int MaxMessages = 512;
    private const int MaxKeyUpdates = 8;
    private readonly TdxSeam _seam;
    private readonly IDoeMailbox _mailbox;

    private SpdmRelay(TdxSeam seam, IDoeMailbox mailbox, ulong requestPage, ulong responsePage)
    {
        _seam = seam;
        _mailbox = mailbox;
        RequestPage = requestPage;
        ResponsePage = responsePage;
    }

    /// <summary>The page that takes the module's message.</summary>
    public ulong RequestPage { get; }

    /// <summary>The page that takes the device's answer.</summary>
    public ulong ResponsePage { get; }

    /// <summary>Makes the relay of a device; null where memory is short.</summary>
    public static SpdmRelay? Create(TdxSeam seam, IDoeMailbox mailbox) =>
        seam.Pages.TryTake(2, out ulong[] pages) ? new SpdmRelay(seam, mailbox, pages[0], pages[1]) : null;

    /// <summary>Gives the pages back, which have been the host's all the time.</summary>
    public void Free() => _seam.Pages.GiveBack([RequestPage, ResponsePage]);

    /// <summary>Makes <paramref name="call"/> until it is done. The caller holds the extension lock.</summary>
    /// <param name="spdm">The session, for the update of its keys.</param>
    /// <param name="call">The call.</param>
    public RelayOutcome Run(SpdmId spdm, RelayCall call)
    {
        int messages = 0;
        for (int updates = 0; ; updates++)
        {
            RelayOutcome outcome = RunOnce(call, ref messages);
            if (outcome.Status.Status != TdxStatus.SpdmSessionKeyRequireRefresh || updates == MaxKeyUpdates) return outcome;
            RelayOutcome updated = RunOnce((out ulong length) => UpdateKeys(spdm, out length), ref messages);
            if (!updated.IsOk) return updated;
        }
    }

    private RelayOutcome RunOnce(RelayCall call, ref int messages)
    {
        while (true)
        {
            StatusWord status;
            ulong length;
            var retry = new Retry();
            do status = call(out length);
            while (retry.Again(status));
            if (status.IsSuccess) return new RelayOutcome(SysResult.Ok, status, length);
            if (status.Status != TdxStatus.SpdmRequest) return new RelayOutcome(ErrnoOf(status.Status), status, 0);
            if (++messages > MaxMessages) return new RelayOutcome(Errno.EIO, status, 0);
            SysResult carried = Carry(length);
            if (!carried.IsOk) return new RelayOutcome(carried, status, 0);
        }
    }

    private ulong UpdateKeys(SpdmId spdm, out ulong length) =>
        _seam.Calls.TrySpdmMng(spdm, SpdmMngOp.KeyUpdate, SeamcallConstants.NoPage, ResponsePage, RequestPage, SeamcallConstants.NoPage, out length);

    private SysResult Carry(ulong length)
    {
        if (length is < DoeConstants.HeaderSize or > SeamcallConstants.PageSize || length % DoeConstants.ObjectAlignment != 0) return Errno.EIO;
        byte[] request = new byte[(int)length];
        _seam.Memory.Read(RequestPage, request);

        // The whole page is written, so that nothing of an earlier answer stands behind a shorter one.
        byte[] response = new byte[SeamcallConstants.PageSize];
        SysResult exchanged = _mailbox.Exchange(request, response);
        if (!exchanged.IsOk) return exchanged.Errno == Errno.EMSGSIZE ? Errno.EPROTO : Errno.EIO;
        if (exchanged.Value is < DoeConstants.HeaderSize or > SeamcallConstants.PageSize) return Errno.EPROTO;
        response.AsSpan((int)exchanged.Value).Clear();
        _seam.Memory.Write(ResponsePage, response);
        return SysResult.Ok;
    }

    private static SysResult ErrnoOf(TdxStatus status) => status switch
    {
        TdxStatus.SpdmInvalidMessage or TdxStatus.DevifTdispInvalidMessage or TdxStatus.IdekmInvalidResponse => Errno.EPROTO,
        _ => Errno.EIO,
    };
}
