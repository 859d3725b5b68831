using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>A responder with several certificate slots, between which there may be gaps.</summary>
public sealed class SpdmSlotsTests
{
    private static readonly byte[] s_numbers = [0, 3, 7];
    private readonly TestChain[] _chains = [TestChain.Of(BaseAsym.EcdsaP384), TestChain.Of(BaseAsym.EcdsaP256), TestChain.Of(BaseAsym.EcdsaP384)];

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_session_is_under_the_key_of_the_slot_that_was_asked_for(byte slot)
    {
        using SpdmResponder responder = Responder(out Ends ends);
        using SpdmRequester requester = new(_chains[0].Verifier, new Random(1), new SpdmRequesterOptions { Slot = slot });
        DeviceExchange exchange = new();
        foreach (byte[] packet in requester.Connect(exchange)) exchange.Response = responder.Answer(packet);

        Assert.False(exchange.HasFailed, exchange.Detail);
        Assert.Equal(ends.Slots[slot == 0 ? 0 : 2].Chain(SpdmHash.Sha384), requester.Certificates.ToArray());
        Assert.True(responder.HasSession);
    }

    [Theory]
    [InlineData(1)] // nobody's
    [InlineData(3)] // of another algorithm than was settled on
    public void A_slot_without_a_chain_of_the_algorithm_is_not_there(byte slot)
    {
        using SpdmResponder responder = Responder(out _);
        using SpdmRequester requester = new(_chains[0].Verifier, new Random(1), new SpdmRequesterOptions { Slot = slot });
        DeviceExchange exchange = new();
        foreach (byte[] packet in requester.Connect(exchange)) exchange.Response = responder.Answer(packet);
        Assert.Equal($"DIGESTS has none of slot {slot}", exchange.Detail);

        byte[] refusal = responder.Answer(DoeObject.Create(DoeObjectType.Spdm, [requester.Suite!.Version, (byte)SpdmMessage.GetCertificate, slot, 0, 0, 0, 0, 1]));
        Assert.Equal((byte)SpdmErrorCode.InvalidRequest, refusal[DoeConstants.HeaderSize + 2]);
    }

    private SpdmResponder Responder(out Ends ends)
    {
        ends = new Ends([.. s_numbers.Select((number, i) => _chains[i].Slot with { Number = number })]);
        return new SpdmResponder(ends, ends, new Random(2), SpdmPair.Usual);
    }

    private sealed class Ends(IReadOnlyList<SpdmSlot> slots) : ISpdmIdentity, ISpdmProtocols
    {
        public IReadOnlyList<SpdmSlot> Slots { get; } = slots;

        public IReadOnlyList<SpdmMeasurement> Measure() => [new(1, MeasurementType.ImmutableRom, new byte[] { 1 })];

        public int Answer(uint sessionId, TeeIo.Pci.SpdmVendor.PciProtocol protocol, ReadOnlySpan<byte> message, Span<byte> response) => 0;

        public void SessionEnded(uint sessionId)
        {
        }
    }
}
