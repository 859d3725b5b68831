using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Guest;

/// <summary>Carries a guest's messages to the firmware and back, encrypted and numbered, through a host that can neither read nor change nor repeat them. The host may drop them or hold them up. Any failure
/// after which the sequence numbers might not agree wipes the key: what follows would be sent under a number that was used.</summary>
internal sealed class FirmwareChannel : MessageTransport
{
    private readonly GuestMachine _machine;
    private readonly GhcbClient _ghcb;
    private readonly VmPlatformKey _key;
    private readonly ulong _request;
    private readonly ulong _response;

    private FirmwareChannel(GuestMachine machine, GhcbClient ghcb, VmPlatformKey key, ulong pages)
    {
        (_machine, _ghcb, _key) = (machine, ghcb, key);
        (_request, _response) = (pages, pages + GuestMachine.PageSize);
    }

    /// <summary>What the host is told with the next message.</summary>
    public TioRequestContext Context { get; set; }

    /// <summary>After an exchange: the TDI's state by the host's word, where the message asked for it.</summary>
    public Pci.Tdisp.TdiState State { get; private set; }

    /// <summary>After an exchange: the pages that the data buffer should have had; 0 where it was large enough.</summary>
    public ulong NeededPages { get; private set; }

    /// <summary>Why the last exchange failed.</summary>
    public Errno Failure { get; private set; }

    /// <summary>Opens the channel of a virtual CPU.</summary>
    /// <returns>Null where the CPU has no key, or there are no pages left.</returns>
    public static FirmwareChannel? Open(GuestMachine machine, GhcbClient ghcb)
    {
        if (VmPlatformKey.Of(machine) is not { } key) return null;
        ulong pages = machine.AllocatePages(2, isPrivate: false);
        return pages == 0 ? null : new FirmwareChannel(machine, ghcb, key, pages);
    }

    /// <inheritdoc/>
    public override SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        NeededPages = 0;
        Failure = Errno.EKEYREVOKED;
        Span<byte> key = stackalloc byte[SnpGuestConstants.VmpckSize];
        if (!_key.TryBegin(key, out ulong sequence)) return Failure;
        byte[] page = new byte[GuestMachine.PageSize];
        using var cipher = new AesGcm(key, SnpGuestConstants.TagSize);
        CryptographicOperations.ZeroMemory(key);
        if (!TrySeal(cipher, sequence, request, page)) return Fail(Errno.EINVAL);
        if (!_machine.TryWrite(_request, page, isPrivate: false)) return Fail(Errno.EIO);
        Errno sent = Send();
        if (sent != Errno.Ok) return Burn(sent);
        if (!_machine.TryRead(_response, page, isPrivate: false)) return Burn(Errno.EIO);
        int length = TryOpen(cipher, sequence + 1, request, page, response);
        if (length < 0) return Burn(Errno.EBADMSG);
        if (!_key.End()) return Burn(Errno.EIO);
        Failure = Errno.Ok;
        return SysResult.Of(length);
    }

    /// <summary>Has the host pass the message on. One that it is too busy for is sent again as it is, and so is one whose data didn't fit, without the data.</summary>
    private Errno Send()
    {
        TimeSpan waited = TimeSpan.Zero;
        (ulong dataGpa, ulong dataPages) = (Context.DataGpa, Context.DataPages);
        while (true)
        {
            ulong pages = dataPages;
            GhcbStatus status = _ghcb.TryTioGuestRequest(
                _request, _response, dataGpa, ref pages, Context.Device, Context.MmioPages, Context.Parameter, out Pci.Tdisp.TdiState state, out SevRet fwError, out SnpVmmError vmmError);
            if (status != GhcbStatus.Success) return Errno.EIO;
            switch (vmmError)
            {
                case SnpVmmError.None:
                    State = state;
                    return fwError == SevRet.Success ? Errno.Ok : Errno.EIO;
                case SnpVmmError.Busy when waited < TimeSpan.FromSeconds(GhcbConstants.BusyLimitSeconds):
                    TimeSpan pause = TimeSpan.FromSeconds(GhcbConstants.BusyRetrySeconds);
                    _machine.Sleep(pause);
                    waited += pause;
                    break;
                case SnpVmmError.Busy:
                    return Errno.ETIMEDOUT;
                case SnpVmmError.InvalidLen when dataGpa != 0:
                    NeededPages = pages;
                    (dataGpa, dataPages) = (0, 0);
                    break;
                default:
                    return Errno.EIO;
            }
        }
    }

    private bool TrySeal(AesGcm cipher, ulong sequence, ReadOnlySpan<byte> request, Span<byte> page)
    {
        if (request.Length > page.Length || !SnpGuestMsgHdr.TryRead(request, out SnpGuestMsgHdr header)) return false;
        header.MsgSeqno = sequence;
        header.MsgVmpck = _key.Index;
        header.Write(page);
        Span<byte> iv = stackalloc byte[SnpGuestConstants.IvSize];
        WriteIv(sequence, iv);
        ReadOnlySpan<byte> payload = request[SnpGuestMsgHdr.ByteSize..];
        cipher.Encrypt(iv, payload, page.Slice(SnpGuestMsgHdr.ByteSize, payload.Length), page[..SnpGuestConstants.TagSize], page.Slice(SnpGuestConstants.AadOffset, SnpGuestConstants.AadSize));
        return true;
    }

    /// <returns>Bytes of the message, or −1 where it isn't the answer to the request.</returns>
    private int TryOpen(AesGcm cipher, ulong sequence, ReadOnlySpan<byte> request, ReadOnlySpan<byte> page, Span<byte> response)
    {
        if (!SnpGuestMsgHdr.TryRead(request, out SnpGuestMsgHdr asked) || !SnpGuestMsgHdr.TryRead(page, out SnpGuestMsgHdr header)) return -1;
        int length = SnpGuestMsgHdr.ByteSize + header.MsgSz;
        bool isAnswer = header.MsgSeqno == sequence && header.MsgType == asked.MsgType + 1 && header.MsgVersion == asked.MsgVersion && header.MsgVmpck == _key.Index
            && header.Algo == asked.Algo && header.HdrVersion == asked.HdrVersion && header.HdrSz == asked.HdrSz;
        if (!isAnswer || length > page.Length || length > response.Length) return -1;
        Span<byte> iv = stackalloc byte[SnpGuestConstants.IvSize];
        WriteIv(sequence, iv);
        page[..SnpGuestMsgHdr.ByteSize].CopyTo(response);
        try
        {
            cipher.Decrypt(
                iv,
                page[SnpGuestMsgHdr.ByteSize..length],
                page[..SnpGuestConstants.TagSize],
                response[SnpGuestMsgHdr.ByteSize..length],
                page.Slice(SnpGuestConstants.AadOffset, SnpGuestConstants.AadSize));
            return length;
        }
        catch (AuthenticationTagMismatchException)
        {
            return -1;
        }
    }

    private static void WriteIv(ulong sequence, Span<byte> iv)
    {
        iv.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(iv, sequence);
    }

    private SysResult Burn(Errno error)
    {
        _key.Burn();
        return Fail(error);
    }

    private SysResult Fail(Errno error)
    {
        Failure = error;
        return error;
    }
}
