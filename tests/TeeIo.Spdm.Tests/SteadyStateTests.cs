using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;
using TeeIo.Spdm.Tests.Ends;

namespace TeeIo.Spdm.Tests;

public sealed class SteadyStateTests
{
    private const int Messages = 1000;

    public static TheoryData<string> Lanes => [.. Lane.All.Select(lane => lane.Name)];

    [Theory]
    [MemberData(nameof(Lanes))]
    public void A_message_and_its_answer_allocate_nothing_on_either_side(string name)
    {
        var lane = Lane.Of(name);
        Device device = new(lane.Chain.Slot) { IsListening = false };
        byte[] message = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        using SpdmRequester requester = new(lane.Chain.Verifier, new Random(1), lane.Requester);
        using SpdmResponder responder = new(device, device, new Random(2), lane.Responder);
        DeviceExchange exchange = new();
        foreach (byte[] request in requester.Connect(exchange)) exchange.Response = responder.Answer(request);
        Assert.False(exchange.HasFailed, exchange.Detail);
        byte[] packet = new byte[requester.PacketSize(message.Length)];
        byte[] answer = new byte[responder.MaxPacketSize];
        Talk(10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Talk(Messages);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Talk(int times)
        {
            for (int i = 0; i < times; i++)
            {
                int sent = requester.Seal(PciProtocol.Tdisp, message, packet);
                int came = responder.Answer(packet.AsSpan(0, sent), answer);
                bool isOpen = requester.TryOpen(PciProtocol.Tdisp, answer.AsSpan(0, came), out ReadOnlySpan<byte> echo);
                if (!isOpen || !echo.SequenceEqual(message)) throw new InvalidOperationException($"message {i} doesn't come back");
            }
        }
    }
}
