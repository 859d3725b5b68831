using TeeIo.Flow;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class CommandDispatchTests
{
    private static readonly string _reclaim = $"20000000 00000000 0050000000000000 0060000000000000 {Hex.Zeros(8)}";

    [Fact]
    public void A_right_buffer_reaches_the_firmware() => Assert.Equal((SevRet.Success, "TdiReclaim"), Run(0x0DB, _reclaim));

    [Theory]
    [InlineData(0x0D9u)] // assigned nowhere
    [InlineData(0x0E4u)] // its buffer is known nowhere
    [InlineData(0x094u)] // one of snp-firmware
    [InlineData(0xFFFFu)]
    public void An_unknown_command_is_refused(uint command)
    {
        Assert.Equal((SevRet.InvalidCommand, ""), Run(command, _reclaim));
        Assert.Equal(-1, TioFirmwareDispatcher.BufferSize(command));
    }

    [Theory]
    [InlineData("1F000000")]
    [InlineData("21000000")]
    [InlineData("00000000")]
    public void A_wrong_length_is_refused(string length) => Assert.Equal((SevRet.InvalidLen, ""), Run(0x0DB, length + _reclaim.Replace(" ", "", StringComparison.Ordinal)[8..]));

    [Fact]
    public void A_buffer_that_is_too_short_is_refused() => Assert.Equal((SevRet.InvalidLen, ""), Run(0x0DB, "20000000"));

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(0x18)]
    [InlineData(0x1F)]
    public void A_reserved_byte_that_is_not_zero_is_refused(int at)
    {
        byte[] buffer = Hex.Bytes(_reclaim);
        buffer[at] = 1;
        Assert.Equal((SevRet.InvalidParam, ""), Run(0x0DB, Convert.ToHexString(buffer)));
    }

    [Fact]
    public void A_reserved_byte_inside_a_record_is_refused()
    {
        // TIO_TDI_CREATE's interface id has eight.
        byte[] buffer = new byte[0x30];
        buffer[0] = 0x30;
        Assert.Equal((SevRet.Success, "TdiCreate"), Run(0x0DA, Convert.ToHexString(buffer)));
        buffer[0x18 + 4] = 1;
        Assert.Equal((SevRet.InvalidParam, ""), Run(0x0DA, Convert.ToHexString(buffer)));
    }

    [Fact]
    public void What_follows_the_buffer_is_not_read() => Assert.Equal((SevRet.Success, "TdiReclaim"), Run(0x0DB, _reclaim + "FFFF"));

    [Fact]
    public void Both_sides_report_the_command()
    {
        TraceRecorder recorder = new();
        CrossingHub hub = new([recorder]);
        new TioFirmwareClient(new Loop(hub), hub).TryTdiReclaim(new TioTdiReclaim { DevCtxSla = new(0x5000), TdiCtxSla = new(0x6000) });
        Assert.Equal(["Client", "Server"], recorder.Trace.Select(c => c.Side.ToString()));
        Assert.All(recorder.Trace, c => Assert.Same(TioFirmwareCalls.TdiReclaim, c.Call));
        Assert.All(recorder.Trace, c => Assert.True(c.IsSuccess));
    }

    private static (SevRet Status, string Called) Run(uint command, string buffer)
    {
        TioFirmwareStub stub = new();
        return (TioFirmwareDispatcher.Dispatch(stub, null, command, Hex.Bytes(buffer)), stub.Called);
    }

    private sealed class Loop(CrossingHub hub) : TeeIo.Boundaries.CommandTransport
    {
        public override uint Execute(CallInfo call, uint command, Span<byte> buffer) => (uint)TioFirmwareDispatcher.Dispatch(new TioFirmwareStub(), hub, command, buffer);
    }
}
