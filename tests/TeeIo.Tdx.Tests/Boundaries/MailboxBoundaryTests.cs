using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Tests.Boundaries;

/// <summary>TDCM's commands from both sides, where a side lies about codes and lengths.</summary>
public sealed class MailboxBoundaryTests : ITdcmServer
{
    private const ushort Device = 0x0108;
    private readonly List<string> _calls = [];
    private MailboxResult _answer = MailboxResult.Ok;

    [Theory]
    [InlineData(0u)]
    [InlineData(8u)]
    [InlineData(0x1_0002u)]
    [InlineData(uint.MaxValue)]
    public void A_code_that_no_command_has_fails_without_an_error_code(uint operation)
    {
        Assert.False(TdcmDispatcher.Knows(operation));
        Refused(operation, Device, [], new byte[8]);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(2u)]
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(5u)]
    [InlineData(6u)]
    [InlineData(7u)]
    public void Every_command_refuses_data_that_it_does_not_take_and_a_device_id_of_more_than_16_bits(uint operation)
    {
        Assert.True(TdcmDispatcher.Knows(operation));
        Refused(operation, Device, [1], new byte[8]);
        Refused(operation, 0x1_0000 | Device, [], new byte[8]);
        Assert.Equal(MailboxResult.Ok, TdcmDispatcher.Dispatch(this, null, operation, Device, [], new byte[8], out _));
        Assert.Single(_calls);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(6u)]
    public void A_record_that_the_response_has_no_room_for_is_refused(uint operation) => Refused(operation, Device, [], []);

    [Fact]
    public void A_command_that_fails_leaves_the_response_alone()
    {
        _answer = MailboxResult.Fail((uint)TdcmError.TdispMessage);
        byte[] response = [9, 9];

        Assert.Equal(_answer, TdcmDispatcher.Dispatch(this, null, 6, Device, [], response, out int length));

        Assert.Equal(0, length);
        Assert.Equal([9, 9], response);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void A_record_of_another_length_is_a_failure_with_an_empty_result(int length)
    {
        Assert.Equal(MailboxResult.Fail(0), new TdcmClient(new Lying(length)).TryGetTdiState(Device, out TdcmTdiState state));
        Assert.Equal(0, state.State);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(int.MaxValue)]
    [InlineData(-1)]
    public void A_length_that_the_response_does_not_hold_is_a_failure_without_data(int length)
    {
        Assert.Equal(MailboxResult.Fail(0), new TdcmClient(new Lying(length)).TryGetTdiReport(Device, new byte[8], out int read));
        Assert.Equal(0, read);
    }

    [Theory]
    [InlineData((uint)TdcmError.InvalidState)]
    [InlineData(200u)] // no error that exists
    public void An_error_comes_as_it_is(uint error)
    {
        _answer = MailboxResult.Fail(error);

        Assert.Equal(_answer, Client(null).TryBind(Device));
    }

    [Theory]
    [InlineData(CrossingSide.Client)]
    [InlineData(CrossingSide.Server)]
    public void A_dropped_command_succeeds_with_a_zeroed_response_and_reaches_nobody(CrossingSide side)
    {
        TdcmClient client = Client(Injecting(side, Injection.Drop));
        byte[] report = [9, 9];

        Assert.Equal(MailboxResult.Ok, client.TryGetTdiState(Device, out TdcmTdiState state));
        Assert.Equal(MailboxResult.Ok, client.TryGetTdiReport(Device, report, out int length));

        Assert.Equal((0, 0), (state.State, length));
        Assert.Equal([0, 0], report);
        Assert.Empty(_calls);
    }

    [Theory]
    [InlineData((long)TdcmError.TdxModule, (uint)TdcmError.TdxModule)]
    [InlineData(MailboxBoundary.NoErrorCode, 0u)]
    public void A_command_that_the_injector_fails_has_its_error_and_no_result(long outcome, uint error)
    {
        foreach (CrossingSide side in new[] { CrossingSide.Client, CrossingSide.Server })
        {
            Assert.Equal(MailboxResult.Fail(error), Client(Injecting(side, Injection.Fail(outcome))).TryGetTdiState(Device, out TdcmTdiState state));
            Assert.Equal(0, state.State);
        }

        Assert.Empty(_calls);
    }

    public MailboxResult CheckTeeioSupp(ushort deviceId, out TdcmSupport result)
    {
        result = default;
        return Serve(nameof(CheckTeeioSupp));
    }

    public MailboxResult Bind(ushort deviceId) => Serve(nameof(Bind));

    public MailboxResult GetDevInfo(ushort deviceId, Span<byte> response, out int responseLength) => Serve(nameof(GetDevInfo), out responseLength);

    public MailboxResult GetTdiReport(ushort deviceId, Span<byte> response, out int responseLength) => Serve(nameof(GetTdiReport), out responseLength);

    public MailboxResult StartTdi(ushort deviceId) => Serve(nameof(StartTdi));

    public MailboxResult GetTdiState(ushort deviceId, out TdcmTdiState result)
    {
        result = new TdcmTdiState { State = 3 };
        return Serve(nameof(GetTdiState));
    }

    public MailboxResult Unbind(ushort deviceId) => Serve(nameof(Unbind));

    private MailboxResult Serve(string call)
    {
        _calls.Add(call);
        return _answer;
    }

    private MailboxResult Serve(string call, out int length)
    {
        length = 1;
        return Serve(call);
    }

    private void Refused(uint operation, ulong target, byte[] request, byte[] response)
    {
        Assert.Equal(MailboxResult.Fail(0), TdcmDispatcher.Dispatch(this, null, operation, target, request, response, out int length));
        Assert.Equal(0, length);
        Assert.Empty(_calls);
    }

    private TdcmClient Client(CrossingHub? hub) => new(new Loop(this, hub), hub);

    private static CrossingHub Injecting(CrossingSide side, Injection injection)
    {
        var injector = new CrossingInjector();
        injector.Add(crossing => crossing.Side == side, injection);
        return new CrossingHub([], injector);
    }

    private sealed class Loop(ITdcmServer server, CrossingHub? hub) : MailboxTransport
    {
        public override MailboxResult Exchange(CallInfo call, uint operation, ulong target, ReadOnlySpan<byte> request, Span<byte> response, out int responseLength) =>
            TdcmDispatcher.Dispatch(server, hub, operation, target, request, response, out responseLength);
    }

    /// <summary>Says that it wrote <paramref name="length"/> bytes.</summary>
    private sealed class Lying(int length) : MailboxTransport
    {
        public override MailboxResult Exchange(CallInfo call, uint operation, ulong target, ReadOnlySpan<byte> request, Span<byte> response, out int responseLength)
        {
            response.Fill(7);
            responseLength = length;
            return MailboxResult.Ok;
        }
    }
}
