using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Guest;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Hostile;

/// <summary>Firmware that knows one TDI and answers a guest's encrypted messages truly, each number once.</summary>
internal sealed class TruthfulFirmware : ITioGuestResponder
{
    private const int HeaderSize = SnpGuestMsgHdr.ByteSize;
    private static readonly byte[] s_certificates = [.. Enumerable.Range(0, 90).Select(i => (byte)i)];
    private readonly HashSet<ulong> _accepted = [];
    private readonly Dictionary<ulong, byte[]> _seen = [];
    private ulong _last;

    public byte[] Key { get; } = [.. Enumerable.Range(1, SnpGuestConstants.VmpckSize).Select(i => (byte)i)];

    /// <summary>The TDI's state; null while it isn't bound.</summary>
    public TdiState? State { get; set; }

    /// <summary>Its name; another one for each bind.</summary>
    public ulong Tdi { get; private set; } = 0x1000;

    public bool HasDma { get; private set; }

    public byte[] Certificates { get; private set; } = s_certificates;

    public byte[] Measurements { get; } = [7, 7, 7];

    public byte[] Report { get; private set; } = MakeReport(pages: 4);

    /// <summary>Two messages that a guest sent under one number and key.</summary>
    public bool IsNumberUsedTwice { get; private set; }

    /// <summary>Binds; the device may be another one.</summary>
    public void Bind(bool isOther)
    {
        if (isOther) (Report, Certificates) = (MakeReport(pages: 3), [.. s_certificates, 1]);
        (State, HasDma, Tdi) = (TdiState.ConfigLocked, false, Tdi + 1);
        _accepted.Clear();
    }

    public void Unbind()
    {
        (State, HasDma) = (null, false);
        _accepted.Clear();
    }

    /// <summary>Whether what runs is what the guest accepted.</summary>
    public bool IsTrulyAccepted(GuestDevice device) => State == TdiState.Run && HasDma && TeeRanges.TryRead(Report, device, out List<TeeRange> ranges)
        && _accepted.Count == ranges.Sum(r => (int)r.PageCount) && ranges.All(r => Enumerable.Range(0, (int)r.PageCount).All(i => _accepted.Contains(r.FirstGpaPage + (ulong)i)));

    /// <summary>Serves a message.</summary>
    /// <returns>The response page, or null with a status.</returns>
    public byte[]? Serve(ReadOnlySpan<byte> page, out SevRet status)
    {
        status = SevRet.InvalidParam;
        if (!SnpGuestMsgHdr.TryRead(page, out SnpGuestMsgHdr header) || header.MsgVmpck != 0 || header.MsgSz > SnpGuestConstants.MaxPayload) return null;
        byte[] message = page[..(HeaderSize + header.MsgSz)].ToArray();
        if (!TryDecrypt(header.MsgSeqno, message)) return null;
        if (!_seen.TryAdd(header.MsgSeqno, page[..message.Length].ToArray()) && !_seen[header.MsgSeqno].AsSpan().SequenceEqual(page[..message.Length])) IsNumberUsedTwice = true;
        if (header.MsgSeqno != _last + 1) return null;
        byte[] response = new byte[GuestMachine.PageSize];
        int length = TioGuestDispatcher.Dispatch(this, null, message, response, out _);
        if (length == 0) return null;
        Encrypt(header.MsgSeqno + 1, response, length);
        _last += SnpGuestConstants.SeqnoStep;
        status = SevRet.Success;
        return response;
    }

    public uint TioTdiInfo(in TdiInfoReq request, ref TdiInfoRsp response)
    {
        response.TdiId = request.TdiId;
        response.Status = State is null ? TdiBindStatus.Unbound : request.TdiId.Value == Tdi ? TdiBindStatus.Bound : TdiBindStatus.Invalid;
        if (response.Status != TdiBindStatus.Bound) return 0;
        response.MeasFlags = TdiMeasFlags.MeasDigestValid | TdiMeasFlags.MeasDigestFresh;
        SHA384.HashData(Certificates).CopyTo((Span<byte>)response.CertsDigest);
        SHA384.HashData(Measurements).CopyTo((Span<byte>)response.MeasDigest);
        SHA384.HashData(Report).CopyTo((Span<byte>)response.InterfaceReportDigest);
        return 0;
    }

    public uint TioMmioValidate(in MmioValidateReq request, ref MmioValidateRsp response)
    {
        (response.TdiId, response.SubrangeBase, response.SubrangePageCount) = (request.TdiId, request.SubrangeBase, request.SubrangePageCount);
        (response.RangeOffset, response.RangeId) = (request.RangeOffset, request.RangeId);
        response.Status = State == TdiState.Run && request.TdiId.Value == Tdi ? MmioValidateStatus.Success : MmioValidateStatus.InvalidTdi;
        if (response.Status != MmioValidateStatus.Success) return 0;
        bool isChanged = false;
        for (uint i = 0; i < request.SubrangePageCount; i++)
            isChanged |= request.Flags.HasFlag(MmioValidateFlags.Validated) ? _accepted.Add(request.SubrangeBase + i) : _accepted.Remove(request.SubrangeBase + i);
        if (isChanged) response.Flags = MmioValidatedFlags.Changed;
        return 0;
    }

    public uint TioSdteWrite(in SdteWriteReq request, ref SdteWriteRsp response)
    {
        response.TdiId = request.TdiId;
        response.Status = State is not null && request.TdiId.Value == Tdi ? SdteWriteStatus.Success : SdteWriteStatus.InvalidTdi;
        if (response.Status == SdteWriteStatus.Success) HasDma = request.Sdte.V;
        return 0;
    }

    public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
    {
        errorCode = 0;
        return true;
    }

    public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    private static byte[] MakeReport(uint pages)
    {
        byte[] report = new byte[TdispReport.ByteSize + TdispMmioRange.ByteSize];
        new TdispReport { InterfaceInfo = InterfaceInfo.NoUpdateAfterLock, MmioRangeCount = 1 }.Write(report);
        new TdispMmioRange { FirstPage = 0x777, NumberOfPages = pages }.Write(report.AsSpan(TdispReport.ByteSize));
        return report;
    }

    private bool TryDecrypt(ulong sequence, byte[] message)
    {
        byte[] plain = new byte[message.Length - HeaderSize];
        using AesGcm cipher = new(Key, SnpGuestConstants.TagSize);
        try
        {
            cipher.Decrypt(Iv(sequence), message.AsSpan(HeaderSize), message.AsSpan(0, SnpGuestConstants.TagSize), plain, message.AsSpan(SnpGuestConstants.AadOffset, SnpGuestConstants.AadSize));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain.CopyTo(message, HeaderSize);
        return true;
    }

    private void Encrypt(ulong sequence, Span<byte> message, int length)
    {
        SnpGuestMsgHdr.TryRead(message, out SnpGuestMsgHdr header);
        header.MsgSeqno = sequence;
        header.Write(message);
        Span<byte> payload = message[HeaderSize..length];
        using AesGcm cipher = new(Key, SnpGuestConstants.TagSize);
        cipher.Encrypt(Iv(sequence), payload.ToArray(), payload, message[..SnpGuestConstants.TagSize], message.Slice(SnpGuestConstants.AadOffset, SnpGuestConstants.AadSize));
    }

    private static byte[] Iv(ulong sequence)
    {
        byte[] iv = new byte[SnpGuestConstants.IvSize];
        BinaryPrimitives.WriteUInt64LittleEndian(iv, sequence);
        return iv;
    }
}
