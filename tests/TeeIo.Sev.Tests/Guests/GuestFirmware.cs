using System.Buffers.Binary;
using System.Security.Cryptography;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>The firmware's end of one guest key, written by hand after the facts, and what it says of one TDI.</summary>
internal sealed class GuestFirmware(byte[] key) : ITioGuestResponder
{
    private const int HeaderSize = 0x60;

    /// <summary>Messages that arrived, in plain words.</summary>
    public List<string> Messages { get; } = [];

    public TdiBindStatus Status { get; set; } = TdiBindStatus.Bound;

    public TdiMeasFlags Measurements { get; set; } = TdiMeasFlags.MeasDigestValid | TdiMeasFlags.MeasDigestFresh;

    public byte[] Certificates { get; set; } = [1, 2, 3];

    public byte[] Measured { get; set; } = [4, 5, 6, 7];

    public byte[] Report { get; set; } = [];

    /// <summary>Changes an answer about a TDI before it goes out.</summary>
    public Func<TdiInfoRsp, TdiInfoRsp> Information { get; set; } = static answer => answer;

    /// <summary>Changes an answer about MMIO before it goes out.</summary>
    public Func<MmioValidateRsp, MmioValidateRsp> Validation { get; set; } = static answer => answer;

    /// <summary>Changes an answer about DMA before it goes out.</summary>
    public Func<SdteWriteRsp, SdteWriteRsp> Dma { get; set; } = static answer => answer;

    /// <summary>Opens a request and seals its answer.</summary>
    public SevRet Answer(ReadOnlySpan<byte> request, Span<byte> response)
    {
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(request[0x20..]);
        byte[] plain = request[..(HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(request[0x36..]))].ToArray();
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(Iv(sequence), request[HeaderSize..plain.Length], request[..16], plain.AsSpan(HeaderSize), request.Slice(0x30, 48));
        byte[] answer = new byte[0x1000];
        int length = TioGuestDispatcher.Dispatch(this, null, plain, answer, out uint refusal);
        if (length == 0) return (SevRet)refusal;
        BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(0x20), sequence + 1);
        answer[0x3C] = request[0x3C];
        byte[] content = answer[HeaderSize..length];
        cipher.Encrypt(Iv(sequence + 1), content, answer.AsSpan(HeaderSize, content.Length), answer.AsSpan(0, 16), answer.AsSpan(0x30, 48));
        answer.CopyTo(response);
        return SevRet.Success;
    }

    public uint TioTdiInfo(in TdiInfoReq request, ref TdiInfoRsp response)
    {
        Messages.Add("info");
        (response.TdiId, response.Status, response.MeasFlags) = (request.TdiId, Status, Measurements);
        SHA384.HashData(Certificates).CopyTo((Span<byte>)response.CertsDigest);
        SHA384.HashData(Measured).CopyTo((Span<byte>)response.MeasDigest);
        SHA384.HashData(Report).CopyTo((Span<byte>)response.InterfaceReportDigest);
        response = Information(response);
        return 0;
    }

    public uint TioMmioValidate(in MmioValidateReq request, ref MmioValidateRsp response)
    {
        bool isAccepted = request.Flags.HasFlag(MmioValidateFlags.Validated);
        Messages.Add($"{(isAccepted ? "accept" : "give back")} {request.SubrangeBase:x}+{request.SubrangePageCount}");
        (response.TdiId, response.SubrangeBase, response.SubrangePageCount) = (request.TdiId, request.SubrangeBase, request.SubrangePageCount);
        (response.RangeOffset, response.RangeId, response.Flags) = (request.RangeOffset, request.RangeId, MmioValidatedFlags.Changed);
        response = Validation(response);
        return 0;
    }

    public uint TioSdteWrite(in SdteWriteReq request, ref SdteWriteRsp response)
    {
        Messages.Add(request.Sdte.V ? "DMA" : "no DMA");
        response.TdiId = request.TdiId;
        response = Dma(response);
        return 0;
    }

    public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
    {
        errorCode = 0;
        return true;
    }

    public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;

    private static byte[] Iv(ulong sequence)
    {
        byte[] iv = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(iv, sequence);
        return iv;
    }
}
