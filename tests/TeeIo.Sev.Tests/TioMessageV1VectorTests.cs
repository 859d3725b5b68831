using TeeIo.Sev.Guest;
using TeeIo.Sev.Guest.V1;
using TeeIo.Sev.Psp;
using MmioValidateRsp = TeeIo.Sev.Guest.V1.MmioValidateRsp;
using SdteWriteRsp = TeeIo.Sev.Guest.V1.SdteWriteRsp;
using TdiInfoRsp = TeeIo.Sev.Guest.V1.TdiInfoRsp;

namespace TeeIo.Sev.Tests;

public sealed class TioMessageV1VectorTests
{
    private static readonly string _device = $"0801 {Hex.Zeros(14)}";

    [Fact]
    public void Information()
    {
        GuestMessage firmware = new(GuestMessage.Text("14", "01", $"0801 0200 {Hex.Zeros(12)} 01000000 04000000 {Hex.Zeros(8)} {Hex.Zeros(144)} 0500000000000000 {Hex.Zeros(8)}"));
        Assert.True(new TioGuestV1Requester(firmware).TryTioTdiInfo(0x0108, out TdiInfoRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("13", "01", _device), firmware.Seen);
        Assert.Equal((0x0108, TdiBindStatus.Unbound, TdiLockInfo.LockMsix, 5ul), (response.GuestDeviceId, response.Status, response.TdispLockFlags, response.TdiReportCount));
    }

    [Fact]
    public void Validate_mmio_by_byte_address()
    {
        GuestMessage firmware = new(GuestMessage.Text("16", "01", $"0801 0900 {Hex.Zeros(12)} 000000E000000000 04000000 02000000 0000 0300 {Hex.Zeros(12)}"));
        Assert.True(new TioGuestV1Requester(firmware).TryTioMmioValidate(0x0108, 0xE0000000, 4, 2, MmioValidateFlags.Validated, 3, out MmioValidateRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("15", "01", $"{_device} 000000E000000000 04000000 02000000 0100 0300 {Hex.Zeros(12)}"), firmware.Seen);
        Assert.Equal(MmioValidateStatus.OutOfRange, response.Status);
    }

    [Fact]
    public void Configure_mmio()
    {
        GuestMessage firmware = new(GuestMessage.Text("18", "01", "0801 0000 0C00 0300 01000000 00000000"));
        Assert.True(new TioGuestV1Requester(firmware).TryTioMmioConfig(0x0108, MmioConfigFlags.NonTeeMem, 3, true, out MmioConfigRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("17", "01", "0801 0000 0400 0300 01000000 00000000"), firmware.Seen);
        Assert.Equal((MmioConfigFlags.NonTeeMem | MmioConfigFlags.MemAttrUpdateable, true), (response.Flags, response.IsWrite));
    }

    [Fact]
    public void Write_the_device_table_entry()
    {
        GuestMessage firmware = new(GuestMessage.Text("1A", "01", $"0801 0100 {Hex.Zeros(12)}"));
        Assert.True(new TioGuestV1Requester(firmware).TryTioSdteWrite(0x0108, default, out SdteWriteRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("19", "01", $"{_device} {Hex.Zeros(64)}"), firmware.Seen);
        Assert.Equal(SdteWriteStatus.InvalidTdi, response.Status);
    }
}
