using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Platform.Hardware;
using TeeIo.Sev.Firmware.Memory;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Firmware.Guests;

/// <summary>Takes a guest's message out of its page and puts the answer into the response page. The host carries both and can read neither.</summary>
internal sealed class GuestMessages(PhysicalMemory memory, FirmwarePages pages)
{
    private const int HeaderSize = SnpGuestMsgHdr.ByteSize;

    /// <summary>Answers one plain message.</summary>
    /// <param name="request">Header and payload.</param>
    /// <param name="response">Receives header and payload.</param>
    /// <param name="refusal">Why there is no answer, or 0.</param>
    /// <returns>Bytes of the answer, or 0.</returns>
    public delegate int Answerer(ReadOnlySpan<byte> request, Span<byte> response, out uint refusal);

    /// <summary>Serves a message. A sequence number counts when its answer is written: a message that is refused has not been.</summary>
    /// <param name="guest">Whose it is.</param>
    /// <param name="requestPage">The host's page with the message.</param>
    /// <param name="responsePage">The firmware's page for the answer.</param>
    /// <param name="answer">Who answers.</param>
    public SevRet Serve(GuestContext guest, SysPaddrId requestPage, SysPaddrId responsePage, Answerer answer)
    {
        ulong source = pages.Physical(requestPage.Value);
        SevRet status = pages.CheckHost(source);
        if (status == SevRet.Success) status = pages.CheckFirmware(pages.Physical(responsePage.Value));
        if (status != SevRet.Success) return status;

        byte[] page = new byte[PhysicalMemory.PageSize];
        memory.Read(source, page, KeyId.Shared);
        SnpGuestMsgHdr.TryRead(page, out SnpGuestMsgHdr header);
        if (header.Algo != SnpGuestConstants.AlgoAes256Gcm || header.MsgSz > SnpGuestConstants.MaxPayload || header.MsgVmpck >= GuestContext.KeyCount) return SevRet.InvalidParam;
        ulong last = guest.LastSequence[header.MsgVmpck];
        if (last > uint.MaxValue - SnpGuestConstants.SeqnoStep) return SevRet.AeadOflow;
        if (header.MsgSeqno != last + 1) return SevRet.InvalidParam;
        byte[] key = guest.MessageKeys[header.MsgVmpck];
        byte[] request = page[..(HeaderSize + header.MsgSz)];
        if (!TryDecrypt(key, header.MsgSeqno, request)) return SevRet.BadMeasurement;

        byte[] response = new byte[PhysicalMemory.PageSize];
        int length = answer(request, response, out uint refusal);
        if (length == 0) return refusal == 0 ? SevRet.InvalidParam : (SevRet)refusal;
        Encrypt(key, header.MsgSeqno + 1, header.MsgVmpck, response, length);
        pages.Give(responsePage, response);
        guest.LastSequence[header.MsgVmpck] = last + SnpGuestConstants.SeqnoStep;
        return SevRet.Success;
    }

    private static bool TryDecrypt(byte[] key, ulong sequence, Span<byte> message)
    {
        byte[] plain = new byte[message.Length - HeaderSize];
        using AesGcm cipher = new(key, SnpGuestConstants.TagSize);
        try
        {
            cipher.Decrypt(Iv(sequence), message[HeaderSize..], message[..SnpGuestConstants.TagSize], plain, Authenticated(message));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain.CopyTo(message[HeaderSize..]);
        return true;
    }

    private static void Encrypt(byte[] key, ulong sequence, byte keyIndex, Span<byte> message, int length)
    {
        SnpGuestMsgHdr.TryRead(message, out SnpGuestMsgHdr header);
        (header.MsgSeqno, header.MsgVmpck) = (sequence, keyIndex);
        header.Write(message);
        Span<byte> payload = message[HeaderSize..length];
        byte[] plain = payload.ToArray();
        using AesGcm cipher = new(key, SnpGuestConstants.TagSize);
        cipher.Encrypt(Iv(sequence), plain, payload, message[..SnpGuestConstants.TagSize], Authenticated(message));
    }

    private static ReadOnlySpan<byte> Authenticated(ReadOnlySpan<byte> message) => message.Slice(SnpGuestConstants.AadOffset, SnpGuestConstants.AadSize);

    private static byte[] Iv(ulong sequence)
    {
        byte[] iv = new byte[SnpGuestConstants.IvSize];
        BinaryPrimitives.WriteUInt64LittleEndian(iv, sequence);
        return iv;
    }
}
