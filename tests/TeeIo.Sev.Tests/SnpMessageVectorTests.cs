using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class SnpMessageVectorTests
{
    [Fact]
    public void Report()
    {
        string report = $"03000000 {Hex.Zeros(0x8C)} {new string('A', 96)} {Hex.Zeros(0x4A0 - 0x90 - 48)}";
        GuestMessage firmware = new(GuestMessage.Text("06", "01", $"00000000 A0040000 {Hex.Zeros(24)} {report}"));
        byte[] data = new byte[64];
        data[63] = 0x5A;
        Assert.True(new SnpGuestRequester(firmware).TryReport(data, 2, out ReportRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("05", "01", $"{Hex.Zeros(63)} 5A 02000000 {Hex.Zeros(28)}"), firmware.Seen);
        Assert.Equal((SevRet.Success, 0x4A0u, 3u, 0xAA), (response.Status, response.ReportSize, response.Report.Version, response.Report.Measurement[0]));
    }

    [Fact]
    public void Key()
    {
        GuestMessage firmware = new(GuestMessage.Text("04", "01", $"27000000 {Hex.Zeros(28)} {Hex.Zeros(32)}"));
        Assert.True(new SnpGuestRequester(firmware).TryKey(RootKey.Vmrk, GuestField.Policy | GuestField.Measurement, 1, 2, 3, out KeyRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("03", "01", "01000000 00000000 0900000000000000 01000000 02000000 0300000000000000"), firmware.Seen);
        Assert.Equal(SevRet.InvalidKey, response.Status);
    }

    [Fact]
    public void Time_stamp_counter()
    {
        GuestMessage firmware = new(GuestMessage.Text("12", "01", $"00000000 00000000 0100000000000000 0200000000000000 03000000 {Hex.Zeros(100)}"));
        Assert.True(new SnpGuestRequester(firmware).TryTscInfo(out TscInfoRsp response).IsOk);
        Hex.Equal(GuestMessage.Text("11", "01", Hex.Zeros(128)), firmware.Seen);
        Assert.Equal((1ul, 2ul, 3u), (response.TscScale, response.TscOffset, response.TscFactor));
    }

    [Fact]
    public void Tag_number_and_key_are_the_transports_and_may_be_anything()
    {
        byte[] answer = Hex.Bytes(GuestMessage.Text("12", "01", Hex.Zeros(128)));
        (answer[0], answer[0x20], answer[0x3C]) = (1, 2, 3);
        Assert.True(SnpGuestMessages.ReadTscInfoResponse(answer, out _).IsOk);
    }
}
