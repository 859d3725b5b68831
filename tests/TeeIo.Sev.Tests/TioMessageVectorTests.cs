using TeeIo.Boundaries;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class TioMessageVectorTests
{
    private const string Tdi = "2A00000000000000";
    private static readonly TdiId _tdi = new(0x2A);

    // v, ir, iw; vmpl 1; vtom_en, vtom 0x100000; all else zero.
    private static readonly string _sdte = $"0100000000000060 {Hex.Zeros(16)} 0000000000000200 {Hex.Zeros(8)} 0100200000000000 {Hex.Zeros(16)}";

    [Fact]
    public void Information()
    {
        string digests = new string('A', 96) + new string('B', 96) + new string('C', 96);
        GuestMessage firmware = new(GuestMessage.Text("14", "02", $"{Tdi} 0200 {Hex.Zeros(6)} 03000000 1D000000 0101020100000000 {digests} 0500000000000000 {Hex.Zeros(8)}"));
        Assert.True(new TioGuestRequester(firmware).TryTioTdiInfo(_tdi, out TdiInfoRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("13", "02", $"{Tdi} {Hex.Zeros(8)}"), firmware.Seen);
        Assert.Equal((_tdi, TdiBindStatus.Unbound, TdiMeasFlags.MeasDigestValid | TdiMeasFlags.MeasDigestFresh), (response.TdiId, response.Status, response.MeasFlags));
        Assert.Equal((TdiLockInfo.NoFwUpdate | TdiLockInfo.LockMsix | TdiLockInfo.BindP2p | TdiLockInfo.AllRequestRedirect, SpdmHash.Sha384), (response.TdispLockFlags, response.SpdmAlgos.Hash));
        Assert.Equal((0xAA, 0xBB, 0xCC, 5ul), (response.CertsDigest[0], response.MeasDigest[0], response.InterfaceReportDigest[47], response.TdiReportCount));
    }

    [Fact]
    public void Validate_mmio()
    {
        GuestMessage firmware = new(GuestMessage.Text("16", "02", $"{Tdi} 0500 {Hex.Zeros(6)} 00000E0000000000 04000000 02000000 0100 0300 {Hex.Zeros(12)}"));
        Assert.True(new TioGuestRequester(firmware).TryTioMmioValidate(_tdi, 0xE0000, 4, 2, MmioValidateFlags.Validated | MmioValidateFlags.ForceValidated, 3, out MmioValidateRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("15", "02", $"{Tdi} {Hex.Zeros(8)} 00000E0000000000 04000000 02000000 0300 0300 {Hex.Zeros(12)}"), firmware.Seen);
        Assert.Equal((MmioValidateStatus.NotUniform, MmioValidatedFlags.Changed), (response.Status, response.Flags));
    }

    [Fact]
    public void Write_the_device_table_entry()
    {
        GuestMessage firmware = new(GuestMessage.Text("1A", "02", $"{Tdi} 0300 {Hex.Zeros(6)}"));
        Sdte sdte = new() { V = true, Ir = true, Iw = true, Vmpl = 1, VtomEn = true, Vtom = (uint)(TioGuestConstants.DefaultVtom >> TioGuestConstants.VtomShift) };
        Assert.True(new TioGuestRequester(firmware).TryTioSdteWrite(_tdi, sdte, out SdteWriteRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("19", "02", $"{Tdi} {Hex.Zeros(8)} {_sdte}"), firmware.Seen);
        Assert.Equal(SdteWriteStatus.Reserved, response.Status);
    }

    [Theory]
    [InlineData("16", "02", MessageFailure.Unexpected)]
    [InlineData("1A", "01", MessageFailure.Malformed)]
    public void A_response_of_another_kind_or_version_is_none(string kind, string version, MessageFailure failure)
    {
        GuestMessage firmware = new(GuestMessage.Text(kind, version, $"{Tdi} 0000 {Hex.Zeros(6)}"));
        Assert.Equal(failure, new TioGuestRequester(firmware).TryTioSdteWrite(_tdi, default, out _).Failure);
    }

    [Fact]
    public void A_response_whose_size_field_is_wrong_is_malformed()
    {
        byte[] answer = Hex.Bytes(GuestMessage.Text("1A", "02", $"{Tdi} 0000 {Hex.Zeros(6)}"));
        answer[0x36]++;
        Assert.Equal(MessageFailure.Malformed, TioGuestMessages.ReadTioSdteWriteResponse(answer, out _).Failure);
    }

    [Fact]
    public void A_request_reaches_the_firmware_and_its_response_the_guest()
    {
        byte[] response = new byte[4096];
        int length = TioGuestDispatcher.Dispatch(new Firmware(), null, Hex.Bytes(GuestMessage.Text("19", "02", $"{Tdi} {Hex.Zeros(8)} {_sdte}")), response, out uint refusal);
        Assert.Equal(0u, refusal);
        Hex.Equal(GuestMessage.Text("1A", "02", $"{Tdi} 0200 {Hex.Zeros(6)}"), response.AsSpan(0, length));
    }

    [Theory]
    [InlineData(0x35, 1)] // another version
    [InlineData(0x36, 0x51)] // another size
    [InlineData(0x28, 1)] // reserved in the header
    [InlineData(0x30, 0)] // no algorithm
    [InlineData(0x68, 1)] // reserved in the payload
    public void A_malformed_request_has_no_response(int at, byte value)
    {
        byte[] request = Hex.Bytes(GuestMessage.Text("19", "02", $"{Tdi} {Hex.Zeros(8)} {_sdte}"));
        request[at] = value;
        Assert.Equal((0, (uint)SevRet.InvalidParam), (TioGuestDispatcher.Dispatch(new Firmware(), null, request, new byte[4096], out uint refusal), refusal));
        Assert.Equal((0, (uint)SevRet.InvalidParam), (TioGuestDispatcher.Dispatch(new Firmware(), null, request.AsSpan(0, 20), new byte[4096], out refusal), refusal));
    }

    [Theory]
    [InlineData("05")] // a report of snp-guest
    [InlineData("17")] // MMIO_CONFIG, which has no version 2
    public void An_unknown_request_has_no_response(string kind) => Assert.Equal(
        (0, (uint)SevRet.Unsupported),
        (TioGuestDispatcher.Dispatch(new Firmware(), null, Hex.Bytes(GuestMessage.Text(kind, "02", Hex.Zeros(16))), new byte[4096], out uint refusal), refusal));

    [Fact]
    public void Reserved_bits_of_an_entry_reach_the_firmware_which_answers_itself()
    {
        byte[] request = Hex.Bytes(GuestMessage.Text("19", "02", $"{Tdi} {Hex.Zeros(8)} {_sdte}"));
        request[0x70 + 63] = 0x80;
        Assert.NotEqual(0, TioGuestDispatcher.Dispatch(new Firmware(), null, request, new byte[4096], out _));
    }

    [Fact]
    public void Blobs_go_by_GUID()
    {
        byte[] entry = new byte[TioBlobTableEntry.ByteSize];
        new TioBlobTableEntry { GuidLow = TioGuestConstants.ReportGuidLow, GuidHigh = TioGuestConstants.ReportGuidHigh, Offset = 0x60, Length = 0x120 }.Write(entry);
        Assert.Equal(new Guid("70dc5b0e-0cc0-4cd5-97bb-ff0ba25bf320"), new Guid(entry.AsSpan(0, 16)));
        new TioBlobTableEntry { GuidLow = TioGuestConstants.CertificatesGuidLow, GuidHigh = TioGuestConstants.CertificatesGuidHigh }.Write(entry);
        Assert.Equal(new Guid("078ccb75-2644-49e8-afe7-5686c5cf72f1"), new Guid(entry.AsSpan(0, 16)));
        new TioBlobTableEntry { GuidLow = TioGuestConstants.MeasurementsGuidLow, GuidHigh = TioGuestConstants.MeasurementsGuidHigh }.Write(entry);
        Assert.Equal(new Guid("5caa80c6-12ef-401a-b364-ec59a93abe3f"), new Guid(entry.AsSpan(0, 16)));
    }

    private sealed class Firmware : ITioGuestResponder
    {
        public uint TioTdiInfo(in TdiInfoReq request, ref TdiInfoRsp response) => 0;

        public uint TioMmioValidate(in MmioValidateReq request, ref MmioValidateRsp response) => 0;

        public uint TioSdteWrite(in SdteWriteReq request, ref SdteWriteRsp response)
        {
            response.TdiId = request.TdiId;
            response.Status = request.Sdte is { V: true, Ir: true, Iw: true, Vmpl: 1, VtomEn: true } ? SdteWriteStatus.TdiNotBound : SdteWriteStatus.Success;
            return 0;
        }

        public bool Accepts(in SnpGuestMsgHdr header, out uint errorCode)
        {
            errorCode = 0;
            return true;
        }

        public uint UnknownRequest(in SnpGuestMsgHdr header) => (uint)SevRet.Unsupported;

        public uint MalformedRequest(in SnpGuestMsgHdr header) => (uint)SevRet.InvalidParam;
    }
}
