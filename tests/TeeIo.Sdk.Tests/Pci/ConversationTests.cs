using TeeIo.Pci;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.Tdisp;
using TeeIo.Sdk.Tests.Hostile;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Conversations inside a session: an answer about something else is none.</summary>
public sealed class ConversationTests
{
    private const int KeySetByte = 5;
    private const int PortByte = 6;
    private static readonly PciAddress s_function = new(0, 0x0102);

    [Theory]
    [InlineData(KeySetByte)]
    [InlineData(PortByte)]
    public void An_IDE_KM_answer_about_another_key_set_or_port_is_none(int at)
    {
        var port = new RecordingStreams();
        var keys = new IdeStreamKeys(3, new PlainChannel(), port, new Random(1));
        var responder = new IdeKmResponder(new RecordingPort());
        byte[] answer = new byte[64];
        Assert.False(Run(keys.SetUp, request => answer[..responder.Answer(request, answer)]).HasFailed);
        DeviceExchange exchange = Run(keys.Refresh, request =>
        {
            byte[] said = [.. answer[..responder.Answer(request, answer)]];
            said[at] ^= 1;
            return said;
        });
        Assert.Equal((DeviceFailure.BadIdeKm, 1), (exchange.Failure, port.Enabled));
    }

    [Fact]
    public void A_TDISP_answer_of_another_version_is_none()
    {
        var responder = new TdispResponder([new ReportingInterface(s_function)], new TdispResponderOptions(LockFlags.NoFwUpdate, 52, 1, 64), new Random(1));
        var tdi = new TdiConversations(s_function.RequesterId, new PlainChannel());
        DeviceExchange exchange = Run(e => tdi.Lock(e, LockFlags.NoFwUpdate, 1, 0), request =>
        {
            byte[] answer = new byte[256];
            answer = answer[..TdispDispatcher.Dispatch(responder, null, request, answer)];
            if (answer.Length == TdispLockInterfaceResponse.ByteSize) answer[0]++;
            return answer;
        });
        Assert.Equal((DeviceFailure.BadTdisp, TdiState.ConfigUnlocked), (exchange.Failure, tdi.State));
    }

    private static DeviceExchange Run(Func<DeviceExchange, IEnumerable<byte[]>> conversation, Func<byte[], byte[]> device)
    {
        var exchange = new DeviceExchange();
        foreach (byte[] request in conversation(exchange)) exchange.Response = device(request);
        return exchange;
    }
}
