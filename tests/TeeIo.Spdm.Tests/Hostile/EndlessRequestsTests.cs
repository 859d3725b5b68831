using TeeIo.Pci.Spdm;
using TeeIo.Spdm.Fuzz;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests.Hostile;

public sealed class EndlessRequestsTests
{
    /// <summary>More than a conversation may take.</summary>
    private const int Endless = 10_000;

    [Fact]
    public void A_responder_that_always_has_another_request_doesnt_keep_its_requester_forever()
    {
        var lane = Lane.Of("1.3-doe-mutual");
        using Pair pair = new Pair(lane).Connected();
        SpdmSession keys = Keys.Of(pair.Responder)!;
        byte[] digests = [lane.Version, (byte)SpdmMessage.GetDigests, 0, 0];
        byte[] first = [lane.Version, (byte)SpdmMessage.EncapsulatedRequest, 1, 0, .. digests];
        byte[] next = [lane.Version, (byte)SpdmMessage.EncapsulatedResponseAck, 1, (byte)EncapsulatedPayload.Present, 1, 0, 0, 0, .. digests];
        DeviceExchange exchange = new();
        int steps = 0;
        foreach (byte[] _ in pair.Requester.ServeRequests(exchange))
        {
            exchange.Response = Packets.Seal(lane.Binding, keys, steps == 0 ? first : next);
            Assert.True(++steps < Endless, "it goes on and on");
        }

        Assert.Equal(DeviceFailure.BadSpdm, exchange.Failure);
        Assert.True(steps > 1);
    }
}
