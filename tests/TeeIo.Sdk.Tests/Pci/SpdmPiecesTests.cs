using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Messages that are too large for one transfer, and answers that take their time.</summary>
public sealed class SpdmPiecesTests
{
    private const int Small = 100;
    private const int Large = 100_000;

    [Theory]
    [InlineData(0x12)]
    [InlineData(0x13)]
    [InlineData(0x14)]
    public void Requests_and_responses_that_are_too_large_go_in_pieces(byte version)
    {
        Codes tap = new();
        using SpdmPair pair = new(
            new SpdmRequesterOptions { Versions = [version], DataTransferSize = Small, MaxMessageSize = Large, Tap = tap },
            SpdmPair.Usual with { Versions = [version], DataTransferSize = Small, MaxMessageSize = Large });
        pair.Connected();
        pair.Does(e => pair.Requester.Measure(e));

        Assert.Equal(pair.Chain, pair.Requester.Certificates.ToArray());
        Assert.Equal(pair.Blocks, pair.Requester.Measurements.ToArray());
        Assert.Contains(SpdmMessage.ChunkSend, tap.Seen);
        Assert.Contains(SpdmMessage.ChunkGet, tap.Seen);
        Assert.All(pair.Requests, packet => Assert.InRange(packet.Length, 1, Small + 64)); // with what DOE and a record put around a message
    }

    [Fact]
    public void A_response_that_is_larger_than_the_requester_takes_is_refused_with_its_size()
    {
        using SpdmPair pair = new(
            new SpdmRequesterOptions { DataTransferSize = Small, MaxMessageSize = 3 * Small }, SpdmPair.Usual with { DataTransferSize = Small, MaxMessageSize = Large });
        pair.Measured.Add(new SpdmMeasurement(9, MeasurementType.FirmwareConfiguration, new byte[1000], IsRaw: true));
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.ReadDigests);
        pair.Does(pair.Requester.ReadCertificates);

        Assert.False(pair.Run(e => pair.Requester.Measure(e)));
        Assert.Equal(SpdmErrorCode.ResponseTooLarge, pair.Requester.ErrorCode);
    }

    [Fact]
    public void Without_pieces_a_response_that_is_too_large_is_refused()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { DataTransferSize = 600 });
        pair.Measured.Add(new SpdmMeasurement(9, MeasurementType.FirmwareConfiguration, new byte[1000], IsRaw: true));

        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal(SpdmErrorCode.ResponseTooLarge, pair.Requester.ErrorCode);
    }

    [Fact]
    public void Nothing_else_is_in_order_while_a_response_goes_in_pieces_and_GET_VERSION_ends_that()
    {
        using SpdmPair pair = Negotiated();
        Assert.Equal(SpdmErrorCode.LargeResponse, Refusal(pair.Answer(Packet(0x12, 0x82, 0, 0, 0, 0, 0xFF, 0xFF))));
        Assert.Equal(SpdmErrorCode.UnexpectedRequest, Refusal(pair.Answer(Packet(0x12, 0x81, 0, 0))));
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.ReadDigests);
    }

    [Theory]
    [InlineData(2, 0, 0, SpdmErrorCode.InvalidRequest)] // another handle
    [InlineData(1, 1, 0, SpdmErrorCode.InvalidRequest)] // not the first piece
    public void A_piece_that_is_not_the_next_one_is_not_given(byte handle, byte sequence, byte high, SpdmErrorCode expected)
    {
        using SpdmPair pair = Negotiated();
        pair.Answer(Packet(0x12, 0x82, 0, 0, 0, 0, 0xFF, 0xFF));
        Assert.Equal(expected, Refusal(pair.Answer(Packet(0x12, 0x86, 0, handle, sequence, high))));
    }

    [Fact]
    public void A_first_piece_that_is_the_last_is_an_early_error()
    {
        using SpdmPair pair = Negotiated();
        byte[] piece = new byte[60];
        new SpdmChunk { Header = new SpdmHeader { Version = SpdmConstants.Version12, Code = SpdmMessage.ChunkSend, Param1 = 1 }, ChunkSize = 44 }.Write(piece);
        piece[12] = 44;
        byte[] answer = pair.Answer(Wrap(piece));

        Assert.Equal((0x05, 1), (answer[9], answer[10])); // CHUNK_SEND_ACK with an early error
        Assert.Equal(0x7F, answer[15]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_requester_comes_back_for_an_answer_that_takes_its_time(int times)
    {
        int left = times;
        using SpdmPair pair = new(new SpdmRequesterOptions { Retries = 9 }, SpdmPair.Usual with { IsReady = code => code != SpdmMessage.KeyExchange || left-- <= 0, DelayExponent = 4 });
        List<TimeSpan> delays = [];
        Assert.True(pair.Run(pair.Requester.Connect, (_, answer) =>
        {
            delays.Add(pair.Last.Delay);
            return answer;
        }));
        Assert.Equal(times, delays.Count(delay => delay == TimeSpan.FromMicroseconds(16)));
        Assert.Equal([7], pair.Echo(7));
    }

    [Fact]
    public void A_requester_gives_up_on_who_is_never_ready()
    {
        using SpdmPair pair = new(responder: SpdmPair.Usual with { IsReady = _ => false });
        Assert.False(pair.Run(pair.Requester.Connect));
        Assert.Equal(SpdmErrorCode.ResponseNotReady, pair.Requester.ErrorCode);
    }

    [Theory]
    [InlineData(0x82, 1, SpdmErrorCode.InvalidRequest)] // another request than the one that was put off
    [InlineData(0x81, 2, SpdmErrorCode.InvalidRequest)] // another token
    public void Who_comes_back_for_something_else_is_refused(byte request, byte token, SpdmErrorCode expected)
    {
        using SpdmPair pair = Negotiated(SpdmPair.Usual with { IsReady = _ => false });
        Assert.Equal(SpdmErrorCode.ResponseNotReady, Refusal(pair.Answer(Packet(0x12, 0x81, 0, 0))));
        Assert.Equal(expected, Refusal(pair.Answer(Packet(0x12, 0xFF, request, token))));
    }

    [Fact]
    public void Who_comes_back_for_nothing_is_refused()
    {
        using SpdmPair pair = Negotiated();
        Assert.Equal(SpdmErrorCode.UnexpectedRequest, Refusal(pair.Answer(Packet(0x12, 0xFF, 0x81, 1))));
    }

    private static SpdmPair Negotiated(SpdmResponderOptions? responder = null)
    {
        SpdmPair pair = new(
            new SpdmRequesterOptions { Versions = [SpdmConstants.Version12], DataTransferSize = Small, MaxMessageSize = Large },
            (responder ?? SpdmPair.Usual) with { Versions = [SpdmConstants.Version12], DataTransferSize = Small, MaxMessageSize = Large });
        pair.Does(pair.Requester.Negotiate);
        return pair;
    }

    private static byte[] Packet(params byte[] message) => Wrap(message);

    private static byte[] Wrap(byte[] message) => TeeIo.Pci.Doe.DoeObject.Create(TeeIo.Pci.Doe.DoeObjectType.Spdm, message);

    private static SpdmErrorCode Refusal(byte[] packet)
    {
        Assert.Equal((byte)SpdmMessage.Error, packet[9]);
        return (SpdmErrorCode)packet[10];
    }

    private sealed class Codes : ISpdmTap
    {
        public HashSet<SpdmMessage> Seen { get; } = [];

        public void Message(bool isRequest, uint sessionId, ReadOnlySpan<byte> message) => Seen.Add((SpdmMessage)message[1]);
    }
}
