using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Requests of a responder to its requester: who it is, new keys, events; and what an endpoint says of itself.</summary>
public sealed class SpdmMutualTests
{
    private static readonly byte[] s_class = [1, 0, 0, 0, 3, 0, 0, 0];

    [Theory]
    [InlineData(0x11)]
    [InlineData(0x12)]
    [InlineData(0x13)]
    [InlineData(0x14)]
    public void A_requester_says_who_it_is_before_it_gets_a_session(byte version)
    {
        using SpdmPair pair = Mutual(version, TestChain.Of(BaseAsym.EcdsaP384));
        pair.Connected();
        Assert.True(pair.Responder.IsRequesterAuthentic(pair.Requester.SessionId));
        Assert.Equal([7], pair.Echo(7));
    }

    [Fact]
    public void A_requester_of_another_root_gets_no_session()
    {
        using SpdmPair pair = Mutual(SpdmConstants.Version13, TestChain.Of(BaseAsym.EcdsaP384), TestChain.Of(BaseAsym.EcdsaP256).Verifier);
        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal(SpdmErrorCode.InvalidResponseCode, pair.Requester.ErrorCode);
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Fact]
    public void A_requester_that_cannot_say_who_it_is_gets_a_session_only_where_that_is_no_condition()
    {
        SpdmResponderOptions asks = SpdmPair.Usual with { RequesterVerifier = TestChain.Of().Verifier };
        using SpdmPair lenient = new(responder: asks);
        lenient.Connected();
        Assert.False(lenient.Responder.IsRequesterAuthentic(lenient.Requester.SessionId));

        using SpdmPair strict = new(responder: asks with { IsMutualRequired = true });
        Assert.False(strict.Run(strict.Requester.Connect));
        Assert.Equal(SpdmErrorCode.InvalidPolicy, strict.Requester.ErrorCode);
    }

    [Fact]
    public void Another_key_than_the_certificate_has_ends_the_session()
    {
        var chain = TestChain.Of(BaseAsym.EcdsaP384);
        SpdmSlot forged = chain.Slot with { Key = new SpdmPrivateKey(SpdmSignatureAlgorithm.EcdsaP384, SpdmSignatureAlgorithm.EcdsaP384.CreateKey()) };
        using SpdmPair pair = Mutual(SpdmConstants.Version13, chain, slot: forged);
        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal(SpdmErrorCode.DecryptError, pair.Requester.ErrorCode);
        Assert.False(pair.Responder.HasSession);
    }

    [Fact]
    public void Nothing_is_answered_in_a_handshake_before_the_requester_has_said_who_it_is()
    {
        using SpdmPair pair = Mutual(SpdmConstants.Version13, TestChain.Of(BaseAsym.EcdsaP384));
        Assert.False(pair.Run(e => Skipping(pair.Requester.Connect(e), skipped: 1)));
        Assert.False(pair.Requester.IsUp);

        // The requester's own order is right; one that leaves its first answer out loses the session's sequence.
        static IEnumerable<byte[]> Skipping(IEnumerable<byte[]> packets, int skipped)
        {
            int secured = 0;
            foreach (byte[] packet in packets)
            {
                if (packet[2] == (byte)TeeIo.Pci.Doe.DoeObjectType.SecuredSpdm && secured++ < skipped) continue;
                yield return packet;
            }
        }
    }

    [Theory]
    [InlineData(0x11)]
    [InlineData(0x12)]
    [InlineData(0x14)]
    public void A_responder_changes_its_keys_when_the_requester_comes_for_its_requests(byte version)
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { Versions = [version] }, SpdmPair.Usual with { Versions = [version] });
        pair.Connected();
        Assert.True(pair.Responder.TryUpdateKeys(pair.Requester.SessionId));
        Assert.False(pair.Responder.TryUpdateKeys(pair.Requester.SessionId)); // the first one waits
        Assert.Equal([1], pair.Echo(1));
        pair.Does(pair.Requester.ServeRequests);
        Assert.Equal([2], pair.Echo(2));
        Assert.True(pair.Responder.TryUpdateKeys(pair.Requester.SessionId));
        pair.Does(pair.Requester.ServeRequests);
        Assert.Equal([3], pair.Echo(3));
    }

    [Fact]
    public void A_responder_without_requests_says_so()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        Assert.False(pair.Run(pair.Requester.ServeRequests));
        Assert.Equal(SpdmErrorCode.NoPendingRequests, pair.Requester.ErrorCode);
        Assert.Equal([1], pair.Echo(1));
    }

    [Fact]
    public void Events_reach_a_requester_that_has_subscribed()
    {
        using SpdmPair pair = new(responder: SpdmPair.Usual with { EventGroups = [new byte[] { 1, 2, 3, 4 }] });
        pair.Connected();
        SpdmEvent[] events = [new(1, DmtfEvent.MeasurementChanged, new byte[32]), new(2, DmtfEvent.CertificateChanged, new byte[] { 1 })];
        Assert.False(pair.Responder.TrySendEvents(pair.Requester.SessionId, events));
        pair.Does(pair.Requester.Subscribe);
        Assert.True(pair.Responder.TrySendEvents(pair.Requester.SessionId, events));
        pair.Does(pair.Requester.ServeRequests);
        Assert.Equal([(1u, DmtfEvent.MeasurementChanged, 32), (2u, DmtfEvent.CertificateChanged, 1)], pair.Requester.Events.Select(e => (e.Id, e.Kind, e.Detail.Length)));
    }

    [Fact]
    public void Events_with_a_gap_in_their_numbers_are_not_taken()
    {
        using SpdmPair pair = new(responder: SpdmPair.Usual with { EventGroups = [new byte[] { 1, 2, 3, 4 }] });
        pair.Connected();
        pair.Does(pair.Requester.Subscribe);
        pair.Responder.TrySendEvents(pair.Requester.SessionId, [new(1, DmtfEvent.CertificateChanged, new byte[] { 1 }), new(3, DmtfEvent.CertificateChanged, new byte[] { 1 })]);
        Assert.False(pair.Run(pair.Requester.ServeRequests));
        Assert.Empty(pair.Requester.Events);
    }

    [Theory]
    [InlineData(0x13, true)]
    [InlineData(0x13, false)]
    [InlineData(0x14, true)]
    public void A_device_says_its_class(byte version, bool isSigned)
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { Versions = [version] }, SpdmPair.Usual with { Versions = [version], EndpointInfo = s_class });
        pair.Connected();
        pair.Does(e => pair.Requester.ReadEndpointInfo(e, isSigned));
        Assert.Equal(s_class, pair.Requester.EndpointInfo.ToArray());
    }

    [Fact]
    public void A_class_that_was_changed_on_its_way_is_not_believed()
    {
        using SpdmPair pair = new(responder: SpdmPair.Usual with { EndpointInfo = s_class });
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.ReadDigests);
        pair.Does(pair.Requester.ReadCertificates);
        Assert.False(pair.Run(e => pair.Requester.ReadEndpointInfo(e, isSigned: true), (_, answer) =>
        {
            answer[8 + 8 + 32 + 4] ^= 1; // behind DOE's header, the message's, the nonce and the length
            return answer;
        }));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
        Assert.True(pair.Requester.EndpointInfo.IsEmpty);
    }

    private static SpdmPair Mutual(byte version, TestChain requester, ISpdmVerifier? verifier = null, SpdmSlot? slot = null) => new(
        new SpdmRequesterOptions { Versions = [version], Identity = new Own(slot ?? requester.Slot) },
        SpdmPair.Usual with { Versions = [version], RequesterVerifier = verifier ?? requester.Verifier });

    private sealed class Own(SpdmSlot slot) : ISpdmIdentity
    {
        public IReadOnlyList<SpdmSlot> Slots { get; } = [slot];

        public IReadOnlyList<SpdmMeasurement> Measure() => [];
    }
}
