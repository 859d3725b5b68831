using System.Security.Cryptography;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>A guest's messages: what the host can't forge, what is answered to a wrong one, and both versions.</summary>
public sealed class GuestMessageTests
{
    [Theory]
    [InlineData(0x00, SevRet.BadMeasurement)]
    [InlineData(0x0F, SevRet.BadMeasurement)]
    [InlineData(0x20, SevRet.InvalidParam)]
    [InlineData(0x30, SevRet.InvalidParam)]
    [InlineData(0x31, SevRet.BadMeasurement)]
    [InlineData(0x32, SevRet.BadMeasurement)]
    [InlineData(0x34, SevRet.BadMeasurement)]
    [InlineData(0x35, SevRet.BadMeasurement)]
    [InlineData(0x36, SevRet.BadMeasurement)]
    [InlineData(0x37, SevRet.InvalidParam)]
    [InlineData(0x3C, SevRet.BadMeasurement)]
    [InlineData(0x5F, SevRet.BadMeasurement)]
    [InlineData(0x60, SevRet.BadMeasurement)]
    [InlineData(0x6F, SevRet.BadMeasurement)]
    public void A_message_that_was_tampered_with_is_refused_and_the_true_one_still_counts(int at, SevRet status)
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        byte[] page = bench.Messages!.Seal(Info(bench));
        byte[] tampered = [.. page];
        tampered[at] ^= at == 0x37 ? (byte)0x80 : (byte)1;
        Assert.Equal(status, bench.Send(tampered, out _));
        SpBench.Must(bench.Send(page, out _));
    }

    [Fact]
    public void A_message_counts_once()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        byte[] page = bench.Messages!.Seal(Info(bench));
        SpBench.Must(bench.Send(page, out _));
        Assert.Equal(SevRet.InvalidParam, bench.Send(page, out _));
    }

    [Fact]
    public void A_message_that_skips_one_is_refused()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        bench.Messages!.Sequence = 2;
        Assert.Equal(SevRet.InvalidParam, bench.Send(bench.Messages.Seal(Info(bench)), out _));
    }

    [Fact]
    public void Another_key_opens_nothing()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        Assert.Equal(SevRet.BadMeasurement, bench.Send(new GuestPort(new byte[32]).Seal(Info(bench)), out _));
        Assert.Equal(SevRet.InvalidParam, bench.Send(new GuestPort(new byte[32], index: 4).Seal(Info(bench)), out _));
    }

    [Fact]
    public void The_host_cannot_read_an_answer_or_change_it()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        SpBench.Must(bench.Send(bench.Messages!.Seal(Info(bench)), out byte[] answer));
        Assert.False(answer.AsSpan().IndexOf(SHA384.HashData(bench.OutputData())) >= 0);
        answer[0x80] ^= 1;
        Assert.Throws<AuthenticationTagMismatchException>(() => bench.Messages.Open(answer));
    }

    [Theory]
    [InlineData(0x34, 27)]
    [InlineData(0x34, 23)]
    [InlineData(0x34, 20)]
    [InlineData(0x34, 5)]
    [InlineData(0x35, 3)]
    [InlineData(0x31, 2)]
    [InlineData(0x32, 0x61)]
    [InlineData(0x38, 1)]
    [InlineData(0x68, 1)]
    public void A_plain_message_that_is_none_is_refused_and_uses_no_number(int at, byte value)
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        byte[] message = Info(bench);
        message[at] = value;
        Assert.Equal(SevRet.InvalidParam, bench.Send(bench.Messages!.Seal(message), out _));
        SpBench.Must(bench.Send(bench.Messages.Seal(Info(bench)), out _));
    }

    [Fact]
    public void A_message_about_a_TDI_does_not_go_the_way_of_others()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        Assert.Equal(SevRet.InvalidParam, bench.Send(bench.Messages!.Seal(Info(bench)), out _, isAboutTdi: false));
    }

    [Fact]
    public void Pages_of_a_message_are_the_host_s_and_the_firmware_s()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        ulong request = bench.Page();
        bench.Memory.Write(request, bench.Messages!.Seal(Info(bench)), Platform.Hardware.KeyId.Shared);
        var command = new TioGuestRequest { DevCtxSla = bench.Dev, TdiCtxSla = bench.Tdi, GctxPaddr = bench.Gctx, ReqPaddr = new(request), ResPaddr = new(bench.Page()) };
        Assert.Equal(SevRet.InvalidPageState, bench.Tio.TryGuestRequest(command));
        command.ResPaddr = new(bench.Output);
        command.ReqPaddr = new(bench.Ram);
        Assert.Equal(SevRet.InvalidPageState, bench.Tio.TryGuestRequest(command));
        command.ReqPaddr = new(0x1000);
        Assert.Equal(SevRet.InvalidAddress, bench.Tio.TryGuestRequest(command));
    }

    [Fact]
    public void A_TDI_under_another_name_is_none_and_an_unbound_one_is_unbound()
    {
        using SpBench bench = SpBench.At(SpStage.Accepted);
        Assert.Equal(TdiBindStatus.Invalid, Describe(bench, 1));
        Assert.Equal(MmioValidateStatus.InvalidTdi, bench.ValidateMmio(id: 1).Status);
        Assert.Equal(SdteWriteStatus.InvalidTdi, bench.WriteSdte(default, id: 1));
        bench.GoTo(SpStage.Unbound);
        Assert.Equal(TdiBindStatus.Unbound, Describe(bench, bench.Tdi.Value));
        Assert.Equal(MmioValidateStatus.TdiUnbound, bench.ValidateMmio().Status);
        Assert.Equal(SdteWriteStatus.TdiNotBound, bench.WriteSdte(default));
    }

    [Fact]
    public void Version_1_names_the_TDI_as_the_guest_sees_it_and_pages_by_address()
    {
        using SpBench bench = SpBench.At(SpStage.Running);
        bench.AssignMmio();
        byte[] message = new byte[Guest.V1.MmioValidateReq.ByteSize];
        Guest.V1.TioGuestV1Messages.WriteTioMmioValidate(message, SpBench.GuestRid, SpBench.MmioGpa, 5, 0, MmioValidateFlags.Validated, 0);
        Assert.True(Guest.V1.TioGuestV1Messages.ReadTioMmioValidateResponse(bench.Ask(message), out Guest.V1.MmioValidateRsp validated).IsOk);
        Assert.Equal((MmioValidateStatus.Success, MmioValidatedFlags.Changed), (validated.Status, validated.Flags));
        message = new byte[Guest.V1.SdteWriteReq.ByteSize];
        Guest.V1.TioGuestV1Messages.WriteTioSdteWrite(message, SpBench.GuestRid, new Sdte { V = true, Ir = true });
        Assert.True(Guest.V1.TioGuestV1Messages.ReadTioSdteWriteResponse(bench.Ask(message), out Guest.V1.SdteWriteRsp written).IsOk);
        Assert.Equal(SdteWriteStatus.Success, written.Status);
        message = new byte[Guest.V1.TdiInfoReq.ByteSize];
        Guest.V1.TioGuestV1Messages.WriteTioTdiInfo(message, 0x10);
        Assert.True(Guest.V1.TioGuestV1Messages.ReadTioTdiInfoResponse(bench.Ask(message), out Guest.V1.TdiInfoRsp info).IsOk);
        Assert.Equal(TdiBindStatus.Invalid, info.Status);
    }

    [Fact]
    public void Version_1_reads_attributes_of_a_range_and_does_not_write_them()
    {
        using SpBench bench = SpBench.At(SpStage.Locked);
        byte[] message = new byte[Guest.V1.MmioConfigReq.ByteSize];
        Guest.V1.TioGuestV1Messages.WriteTioMmioConfig(message, SpBench.GuestRid, default, 0, false);
        Assert.True(Guest.V1.TioGuestV1Messages.ReadTioMmioConfigResponse(bench.Ask(message), out Guest.V1.MmioConfigRsp response).IsOk);
        Assert.Equal((default(Guest.V1.MmioConfigFlags), (ushort)0), (response.Flags, response.Status));
        Guest.V1.TioGuestV1Messages.WriteTioMmioConfig(message, SpBench.GuestRid, Guest.V1.MmioConfigFlags.NonTeeMem, 0, true);
        Assert.Equal(SevRet.InvalidParam, bench.Send(bench.Messages!.Seal(message), out _));
    }

    [Fact]
    public void A_report_for_a_level_that_is_none_is_refused_inside_the_answer()
    {
        using SpBench bench = SpBench.At(SpStage.Guest);
        byte[] message = new byte[ReportReq.ByteSize];
        SnpGuestMessages.WriteReport(message, new byte[64], 4);
        Assert.True(SnpGuestMessages.ReadReportResponse(bench.Ask(message, isAboutTdi: false), out ReportRsp response).IsOk);
        Assert.Equal(SevRet.InvalidParam, response.Status);
    }

    private static byte[] Info(SpBench bench)
    {
        byte[] message = new byte[TdiInfoReq.ByteSize];
        TioGuestMessages.WriteTioTdiInfo(message, new(bench.Tdi.Value));
        return message;
    }

    private static TdiBindStatus Describe(SpBench bench, ulong id)
    {
        byte[] message = new byte[TdiInfoReq.ByteSize];
        TioGuestMessages.WriteTioTdiInfo(message, new(id));
        Assert.True(TioGuestMessages.ReadTioTdiInfoResponse(bench.Ask(message), out TdiInfoRsp info).IsOk);
        return info.Status;
    }
}
