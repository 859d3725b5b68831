using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Tests;

public sealed class TdcmTests
{
    [Fact]
    public void The_buffer_has_its_fields_where_the_guest_driver_has_them()
    {
        TdvmcallTdcm buffer = default;
        buffer.Operation = TdcmOperation.GetTdiReport;
        buffer.Status = TdcmStatus.Error;
        buffer.Error = TdcmError.InvalidState;
        buffer.DataLength = 0x1234;
        byte[] bytes = new byte[TdvmcallTdcm.ByteSize];
        buffer.Write(bytes);
        Assert.Equal("0400" + "00" + "00" + "00000000" + "02" + "0F" + "0000" + "00000000" + "34120000", Convert.ToHexString(bytes));
    }

    [Fact]
    public void Client_and_dispatcher_agree()
    {
        TdcmClient client = new(new Loop());
        Assert.Equal(MailboxResult.Fail((uint)TdcmError.InvalidState), client.TryBind(0x0108));
        byte[] report = new byte[8];
        Assert.True(client.TryGetTdiReport(0x0108, report, out int length).IsOk);
        Assert.Equal("0801", Convert.ToHexString(report, 0, length));
        Assert.True(client.TryGetTdiState(0x0108, out TdcmTdiState state).IsOk);
        Assert.Equal(2, state.State);
    }

    [Theory]
    [InlineData(99u, 0x0108ul)]
    [InlineData(2u, 0x10108ul)] // not a device id
    public void What_no_command_is_fails_without_a_code(uint operation, ulong target) =>
        Assert.Equal(MailboxResult.Fail(0), TdcmDispatcher.Dispatch(new Server(), null, operation, target, default, default, out _));

    private sealed class Loop : MailboxTransport
    {
        public override MailboxResult Exchange(CallInfo call, uint operation, ulong target, ReadOnlySpan<byte> request, Span<byte> response, out int responseLength) =>
            TdcmDispatcher.Dispatch(new Server(), null, operation, target, request, response, out responseLength);
    }

    private sealed class Server : ITdcmServer
    {
        public MailboxResult CheckTeeioSupp(ushort deviceId, out TdcmSupport result)
        {
            result = default;
            return MailboxResult.Ok;
        }

        public MailboxResult Bind(ushort deviceId) => MailboxResult.Fail((uint)TdcmError.InvalidState);

        public MailboxResult GetDevInfo(ushort deviceId, Span<byte> response, out int responseLength)
        {
            responseLength = 0;
            return MailboxResult.Ok;
        }

        public MailboxResult GetTdiReport(ushort deviceId, Span<byte> response, out int responseLength)
        {
            (response[0], response[1]) = ((byte)deviceId, (byte)(deviceId >> 8));
            responseLength = 2;
            return MailboxResult.Ok;
        }

        public MailboxResult StartTdi(ushort deviceId) => MailboxResult.Ok;

        public MailboxResult GetTdiState(ushort deviceId, out TdcmTdiState result)
        {
            result = default;
            result.State = 2;
            return MailboxResult.Ok;
        }

        public MailboxResult Unbind(ushort deviceId) => MailboxResult.Ok;
    }
}
