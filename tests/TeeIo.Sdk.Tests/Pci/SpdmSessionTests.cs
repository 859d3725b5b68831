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
        Assert.Equal(pair.Chain, pair.Requester.Certificates.ToArray());
        Assert.Equal(pair.Blocks, pair.Requester.Measurements.ToArray());
        Assert.Equal(10, pair.Requests.Count); // version, capabilities, algorithms, digests, three portions, measurements, key exchange, finish
    }

    [Fact]
    public void A_protocol_message_goes_through_the_session_and_comes_back()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        for (byte i = 0; i < 5; i++) Assert.Equal([i, 2, 3], pair.Echo(i, 2, 3));
    }

    [Fact]
    public void Heartbeat_measurements_and_key_updates_keep_the_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        SpdmRequester requester = pair.Requester;
        foreach (Func<DeviceExchange, IEnumerable<byte[]>> conversation in new[] { requester.Heartbeat, requester.UpdateKeys, e => requester.Measure(e), requester.UpdateKeys })
        {
            pair.Does(conversation);
            Assert.Equal([7], pair.Echo(7));
        }
    }

    [Fact]
    public void A_nonce_for_measurements_has_its_whole_length()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        Assert.Throws<ArgumentException>(() => pair.Requester.Measure(new DeviceExchange(), new byte[31]));
        pair.Does(exchange => pair.Requester.Measure(exchange, new byte[32]));
    }

    [Fact]
    public void End_ends_the_session_on_both_sides()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        pair.Does(pair.Requester.End);

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
        Assert.True(pair.Requester.TryOpen(PciProtocol.Tdisp, first, out byte[] _));
        pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [2]));

        Assert.False(pair.Requester.TryOpen(PciProtocol.Tdisp, first, out byte[] _));
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void An_answer_in_the_clear_ends_the_requesters_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        pair.Requester.Seal(PciProtocol.Tdisp, [1]);

        Assert.False(pair.Requester.TryOpen(PciProtocol.Tdisp, DoeObject.Create(DoeObjectType.Spdm, [0x12, 0x7E, 0, 0]), out byte[] _));
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void A_protocol_that_nobody_serves_is_refused_and_the_session_lives()
    {
        using SpdmPair pair = new SpdmPair().Connected();

        Assert.False(pair.Requester.TryOpen(PciProtocol.IdeKm, pair.Answer(pair.Requester.Seal(PciProtocol.IdeKm, [1])), out byte[] _));
        Assert.Equal([7], pair.Echo(7));
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
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_change_of_any_answer_on_the_way_keeps_the_session_from_coming_up(int step)
    {
        using SpdmPair pair = new();
        bool ok = pair.Run(pair.Requester.Connect, (i, answer) =>
        {
            if (i != step) return answer;
            byte[] changed = [.. answer];

            // Somewhere that isn't padding: the last byte of what has none, the middle of the rest.
            changed[step is 0 ? ^3 : ^(answer.Length / 2)] ^= 0xFF;
            return changed;
        });

        Assert.False(ok);
        Assert.False(pair.Requester.IsUp);
        Assert.NotEqual(DeviceFailure.None, pair.Last.Failure);
    }

    [Fact]
    public void A_cut_of_any_answer_is_survived()
    {
        for (int step = 0; step < 10; step++)
        {
            foreach (int length in new[] { 0, 7, 8, 11, 12, 60 })
            {
                using SpdmPair pair = new();
                bool ok = pair.Run(pair.Requester.Connect, (i, answer) => i == step && answer.Length > length ? answer[..length] : answer);
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
    [InlineData("11E10000", 0x04)] // another version
    [InlineData("12E50000", 0x04)] // finish
    [InlineData("12E80000", 0x04)] // heartbeat
    [InlineData("12FE0000", 0x04)] // vendor defined
    [InlineData("12990000", 0x07)] // unknown
    [InlineData("11840000", 0x41)] // version with another version
    [InlineData("", 0x01)] // nothing
    public void A_request_before_the_version_is_refused(string request, byte code)
    {
        using SpdmPair pair = new();
        byte[] answer = pair.Answer(Plain(request));

        Assert.Equal([SpdmConstants.Version10, (byte)SpdmMessage.Error, code], answer[DoeConstants.HeaderSize..(DoeConstants.HeaderSize + 3)]);
    }

    [Theory]
    [InlineData("13E50000", 0x0B)] // finish without a session
    [InlineData("13E80000", 0x0B)] // heartbeat without a session
    [InlineData("13E90100", 0x0B)] // key update without a session
    [InlineData("13EC0000", 0x0B)] // end of no session
    [InlineData("13FE00000300020100010001", 0x0B)] // vendor defined outside a session
    [InlineData("13990000", 0x07)] // unknown
    [InlineData("12810000", 0x41)] // another version
    [InlineData("14810000", 0x41)]
    [InlineData("12840000", 0x41)]
    [InlineData("1382010000000004", 0x01)] // certificate of a slot that it doesn't have
    [InlineData("13820000FFFF0004", 0x01)] // certificate behind its end
    [InlineData("13830000", 0x01)] // challenge that is cut
    [InlineData("13E001FF", 0x01)] // signed measurements without a nonce
    [InlineData("13E000090000000000000000", 0x01)] // a measurement that it doesn't have
    [InlineData("13E40000", 0x01)] // key exchange that is cut
    public void A_request_in_the_wrong_place_is_refused(string request, byte code)
    {
        using SpdmPair pair = new();
        pair.Does(pair.Requester.Negotiate);
        byte[] answer = pair.Answer(Plain(request));

        Assert.Equal(code == (byte)SpdmErrorCode.VersionMismatch && request[3] == '4' ? SpdmConstants.Version10 : SpdmConstants.Version13, answer[DoeConstants.HeaderSize]);
        Assert.Equal([(byte)SpdmMessage.Error, code], answer[(DoeConstants.HeaderSize + 1)..(DoeConstants.HeaderSize + 3)]);
    }

    [Fact]
    public void Capabilities_of_a_version_that_was_not_offered_are_a_mismatch()
    {
        using SpdmPair pair = new();
        pair.Answer(Plain("10840000"));

        Assert.Equal([SpdmConstants.Version10, (byte)SpdmMessage.Error, (byte)SpdmErrorCode.VersionMismatch], pair.Answer(Plain("11E1000000000000C2620000"))[8..11]);
    }

    [Fact]
    public void A_second_negotiation_is_unexpected_and_a_second_session_too_many()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] capabilities = pair.Requests[1];
        byte[] algorithms = pair.Requests[2];
        byte[] keyExchange = pair.Requests[8];

        Assert.Equal((byte)SpdmErrorCode.UnexpectedRequest, pair.Answer(capabilities)[DoeConstants.HeaderSize + 2]);
        Assert.Equal((byte)SpdmErrorCode.UnexpectedRequest, pair.Answer(algorithms)[DoeConstants.HeaderSize + 2]);
        Assert.Equal((byte)SpdmErrorCode.SessionLimitExceeded, pair.Answer(keyExchange)[DoeConstants.HeaderSize + 2]);
        Assert.Equal([7], pair.Echo(7));
    }

    private static byte[] Plain(string message) => DoeObject.Create(DoeObjectType.Spdm, Convert.FromHexString(message));
}
