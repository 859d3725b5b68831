using TeeIo.Boundaries;
using TeeIo.Pci.Tdisp;

namespace TeeIo.Sdk.Tests;

public sealed class TdispRequesterTests
{
    private const string Interface = "020100000000000000000000";
    private const byte Version = 0x10;

    [Fact]
    public void Lock_puts_its_fields_where_the_specification_has_them()
    {
        byte[] message = new byte[64];
        int length = TdispMessages.WriteLockInterface(
            message, Version, Tdi(), LockFlags.NoFwUpdate | LockFlags.LockMsix, defaultStreamId: 0x42, mmioReportingOffset: 0x1122334455667788, bindP2pAddressMask: 0xFFFFFFFFFFFFF000);
        Assert.Equal("10830000" + Interface + "0500" + "42" + "00" + "8877665544332211" + "00F0FFFFFFFFFFFF", Convert.ToHexString(message, 0, length));
    }

    [Fact]
    public void Start_carries_the_nonce()
    {
        byte[] message = new byte[48];
        TdispMessages.WriteStartInterface(message, Version, Tdi(), Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        Assert.Equal("10860000" + Interface + "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", Convert.ToHexString(message));
    }

    [Fact]
    public void A_nonce_of_another_length_is_refused() =>
        Assert.Throws<ArgumentException>(() => TdispMessages.WriteStartInterface(new byte[48], Version, Tdi(), new byte[31]));

    [Fact]
    public void A_portion_of_the_report_comes_back()
    {
        ScriptedDevice device = new("10040000" + Interface + "0300" + "0700" + "AABBCC");
        byte[] portion = new byte[16];
        MessageResult result = new TdispRequester(device).TryGetDeviceInterfaceReport(Version, Tdi(), 4, 16, out TdispReportResponse response, portion, out int length);
        Assert.True(result.IsOk);
        Assert.Equal("10840000" + Interface + "0400" + "1000", device.Request);
        Assert.Equal((3, 7), (length, (int)response.RemainderLength));
        Assert.Equal("AABBCC", Convert.ToHexString(portion, 0, length));
    }

    [Theory]
    [InlineData("100500", MessageFailure.Malformed)] // shorter than a header
    [InlineData("10050000" + Interface, MessageFailure.Malformed)] // without its body
    [InlineData("10050000" + Interface + "0200", MessageFailure.Malformed)] // too long
    [InlineData("11050000" + Interface + "02", MessageFailure.Malformed)] // another version
    [InlineData("10050100" + Interface + "02", MessageFailure.Malformed)] // reserved bits
    [InlineData("107F0000" + Interface, MessageFailure.Malformed)] // an error without a code
    [InlineData("107F0000" + Interface + "0000000000000000", MessageFailure.Malformed)] // an error that is none
    [InlineData("10060000" + Interface + "02", MessageFailure.Unexpected)] // the answer to another request
    [InlineData("10850000" + Interface + "02", MessageFailure.Unexpected)] // a request
    [InlineData("10050000" + "030100000000000000000000" + "02", MessageFailure.Unexpected)] // about another interface
    [InlineData(null, MessageFailure.NoResponse)]
    public void A_hostile_answer_is_no_answer(string? answer, MessageFailure failure)
    {
        MessageResult result = new TdispRequester(new ScriptedDevice(answer)).TryGetDeviceInterfaceState(Version, Tdi(), out TdispStateResponse response);
        Assert.Equal(failure, result.Failure);
        Assert.Equal(default, response.TdiState);
    }

    [Theory]
    [InlineData("0400" + "0000" + "AABBCC")] // less than its length says
    [InlineData("0200" + "0000" + "AABBCC")] // more
    public void A_portion_of_another_length_than_stated_is_malformed(string body)
    {
        ScriptedDevice device = new("10040000" + Interface + body);
        MessageResult result = new TdispRequester(device).TryGetDeviceInterfaceReport(Version, Tdi(), 0, 16, out _, new byte[16], out int length);
        Assert.Equal((MessageFailure.Malformed, 0), (result.Failure, length));
    }

    [Fact]
    public void An_error_message_gives_its_code()
    {
        ScriptedDevice device = new("107F0000" + Interface + "04000000" + "00000000");
        Assert.Equal(MessageResult.Error((uint)TdispErrorCode.InvalidInterfaceState), new TdispRequester(device).TryStopInterface(Version, Tdi(), out _));
    }

    private static TdispInterfaceId Tdi()
    {
        TdispInterfaceId id = default;
        id.FunctionId.RequesterId = 0x0102;
        return id;
    }
}
