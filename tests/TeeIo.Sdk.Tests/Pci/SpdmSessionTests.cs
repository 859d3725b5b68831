using TeeIo.Pci.Doe;
using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Pci;

public sealed class SpdmSessionTests
{
    [Fact]
    public void Connect_brings_up_a_session_with_chain_and_measurements()
    {
        using SpdmPair pair = new SpdmPair().Connected();

        Assert.True(pair.Requester.IsUp);
        Assert.True(pair.Responder.HasSession);
        Assert.Equal(uint.MaxValue, pair.Requester.SessionId);
        Assert.Equal(pair.CertificateChain.ToArray(), pair.Requester.CertificateChain.ToArray());
        Assert.Equal(pair.Measurements.ToArray(), pair.Requester.Measurements.ToArray());
        Assert.Equal(10, pair.Exchanges); // version, capabilities, algorithms, digests, three portions, measurements, key exchange, finish
    }

    [Fact]
    public void A_protocol_message_goes_through_the_session_and_comes_back()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        for (byte i = 0; i < 5; i++) Assert.Equal([i, 2, 3], Echo(pair, [i, 2, 3]));
    }

    [Fact]
    public void Heartbeat_measurements_and_key_updates_keep_the_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        foreach (Action start in new Action[] { pair.Requester.StartHeartbeat, pair.Requester.StartKeyUpdate, pair.Requester.StartMeasurements, pair.Requester.StartKeyUpdate })
        {
            start();
            Assert.True(pair.Run());
            Assert.Equal([7], Echo(pair, [7]));
        }
    }

    [Fact]
    public void A_nonce_for_measurements_has_its_whole_length()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        Assert.Throws<ArgumentException>(() => pair.Requester.StartMeasurements(new byte[31]));
        pair.Requester.StartMeasurements(new byte[32]);
        Assert.True(pair.Run());
    }

    [Fact]
    public void End_ends_the_session_on_both_sides()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        pair.Requester.StartEnd();

        Assert.True(pair.Run());
        Assert.False(pair.Requester.IsUp);
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
        Assert.Throws<InvalidOperationException>(() => pair.Requester.Seal(PciProtocol.Tdisp, [1]));
    }

    [Fact]
    public void A_request_with_a_wrong_tag_ends_the_session_without_an_answer()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] request = pair.Requester.Seal(PciProtocol.Tdisp, [1, 2, 3, 4]);
        request[DoeConstants.HeaderSize + SpdmRecord.ByteSize] ^= 1;

        Assert.Empty(pair.Answer(request));
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Fact]
    public void A_device_that_is_reset_while_it_answers_gives_no_answer()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        pair.Meanwhile = pair.Responder.Reset;

        Assert.Empty(pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [1, 2, 3, 4])));
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Fact]
    public void A_replayed_request_ends_the_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] request = pair.Requester.Seal(PciProtocol.Tdisp, [1, 2, 3]);

        Assert.NotEmpty(pair.Answer(request));
        Assert.Empty(pair.Answer(request));
        Assert.False(pair.Responder.HasSession);
    }

    [Fact]
    public void Requests_in_the_wrong_order_end_the_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] first = pair.Requester.Seal(PciProtocol.Tdisp, [1]);
        byte[] second = pair.Requester.Seal(PciProtocol.Tdisp, [2]);

        Assert.Empty(pair.Answer(second));
        Assert.Empty(pair.Answer(first));
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Fact]
    public void A_record_of_another_session_is_ignored()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] request = pair.Requester.Seal(PciProtocol.Tdisp, [1]);
        byte[] other = [.. request];
        other[DoeConstants.HeaderSize] ^= 1;

        Assert.Empty(pair.Answer(other));
        Assert.NotEmpty(pair.Answer(request));
    }

    [Fact]
    public void A_replayed_answer_ends_the_requesters_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] first = pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [1]));
        Assert.True(pair.Requester.TryOpen(PciProtocol.Tdisp, first, out _));
        pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [2]));

        Assert.False(pair.Requester.TryOpen(PciProtocol.Tdisp, first, out _));
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void An_answer_in_the_clear_ends_the_requesters_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        pair.Requester.Seal(PciProtocol.Tdisp, [1]);

        Assert.False(pair.Requester.TryOpen(PciProtocol.Tdisp, DoeObject.Create(DoeObjectType.Spdm, [0x12, 0x7E, 0, 0]), out _));
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void A_protocol_that_nobody_serves_is_refused_and_the_session_lives()
    {
        using SpdmPair pair = new SpdmPair().Connected();

        Assert.False(pair.Requester.TryOpen(PciProtocol.IdeKm, pair.Answer(pair.Requester.Seal(PciProtocol.IdeKm, [1])), out _));
        Assert.Equal([7], Echo(pair, [7]));
    }

    [Fact]
    public void Version_starts_over_and_ends_the_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();

        Assert.NotEmpty(pair.Answer(Plain("10840000")));
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_change_of_any_answer_on_the_way_keeps_the_session_from_coming_up(int step)
    {
        using SpdmPair pair = new();
        pair.Requester.StartConnect();
        bool ok = pair.Run((i, answer) =>
        {
            if (i != step) return answer;
            byte[] changed = [.. answer];

            // Somewhere that isn't padding: the last byte of what has none, the middle of the rest.
            changed[step is 0 ? ^3 : ^(answer.Length / 2)] ^= 0xFF;
            return changed;
        });

        Assert.False(ok);
        Assert.False(pair.Requester.IsUp);
        Assert.NotEqual(SpdmFailure.None, pair.Requester.Failure);
    }

    [Fact]
    public void A_cut_of_any_answer_is_survived()
    {
        for (int step = 0; step < 10; step++)
        {
            foreach (int length in new[] { 0, 7, 8, 11, 12, 60 })
            {
                using SpdmPair pair = new();
                pair.Requester.StartConnect();
                bool ok = pair.Run((i, answer) => i == step && answer.Length > length ? answer[..length] : answer);
                Assert.True(ok == pair.Requester.IsUp);
            }
        }
    }

    [Theory]
    [InlineData("12E10000", 0x04)] // capabilities before the version
    [InlineData("12E30000", 0x04)] // algorithms before that
    [InlineData("12810000", 0x04)] // digests
    [InlineData("1282000000000004", 0x04)] // certificate
    [InlineData("12E40000", 0x04)] // key exchange
    [InlineData("11E10000", 0x41)] // another version
    [InlineData("12E50000", 0x0B)] // finish without a session
    [InlineData("12E80000", 0x0B)] // heartbeat without a session
    [InlineData("12FE0000", 0x0B)] // vendor defined outside a session
    [InlineData("12990000", 0x07)] // unknown
    [InlineData("11840000", 0x41)] // version with another version
    public void A_request_in_the_wrong_place_is_refused(string request, byte code)
    {
        using SpdmPair pair = new();
        byte[] answer = pair.Answer(Plain(request));

        Assert.Equal((byte)SpdmMessage.Error, answer[DoeConstants.HeaderSize + 1]);
        Assert.Equal(code, answer[DoeConstants.HeaderSize + 2]);
    }

    [Fact]
    public void A_second_negotiation_is_unexpected_and_a_second_session_too_many()
    {
        using SpdmPair pair = new SpdmPair().Connected();

        Assert.Equal((byte)SpdmErrorCode.UnexpectedRequest, pair.Answer(Plain("12E1000000000000C26200000010000000100000"))[DoeConstants.HeaderSize + 2]);
        Assert.Equal((byte)SpdmErrorCode.SessionLimitExceeded, pair.Answer(Plain("12E40000"))[DoeConstants.HeaderSize + 2]);
        Assert.Equal([7], Echo(pair, [7]));
    }

    private static byte[] Plain(string message) => DoeObject.Create(DoeObjectType.Spdm, Convert.FromHexString(message));

    private static byte[] Echo(SpdmPair pair, byte[] message)
    {
        Assert.True(pair.Requester.TryOpen(PciProtocol.Tdisp, pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, message)), out byte[] answer));
        return answer;
    }
}
