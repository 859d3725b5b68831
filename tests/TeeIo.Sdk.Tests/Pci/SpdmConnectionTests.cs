using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>What is asked outside of sessions: a challenge, and measurements whose signature is about all that were asked for before.</summary>
public sealed class SpdmConnectionTests
{
    [Theory]
    [InlineData(0x11, SummaryType.None)]
    [InlineData(0x12, SummaryType.Tcb)]
    [InlineData(0x13, SummaryType.All)]
    [InlineData(0x14, SummaryType.All)]
    public void A_challenge_authenticates_the_connection(byte version, SummaryType summary)
    {
        using SpdmPair pair = Identified(version);
        pair.Does(exchange => pair.Requester.Challenge(exchange, summary));

        Assert.Equal((SpdmConnectionState.Authenticated, SpdmConnectionState.Authenticated), (pair.Requester.State, pair.Responder.State));
        pair.Does(exchange => pair.Requester.Challenge(exchange));
        pair.Does(pair.Requester.StartSession);
        Assert.Equal([7], pair.Echo(7));
    }

    [Fact]
    public void A_challenge_whose_answer_was_changed_anywhere_authenticates_nobody()
    {
        for (int at = 0; at < 240; at += 9)
        {
            using SpdmPair pair = Identified(SpdmConstants.Version13);
            Assert.False(pair.Run(exchange => pair.Requester.Challenge(exchange, SummaryType.All), (_, answer) => Changed(answer, at)));
            Assert.NotEqual(SpdmConnectionState.Authenticated, pair.Requester.State);
        }
    }

    [Fact]
    public void A_challenge_needs_a_chain_that_was_read()
    {
        using SpdmPair pair = new();
        pair.Does(pair.Requester.Negotiate);
        Assert.False(pair.Run(exchange => pair.Requester.Challenge(exchange)));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
    }

    [Fact]
    public void A_challenge_is_about_the_digests_and_certificates_as_they_came()
    {
        using SpdmPair pair = new();
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.ReadDigests);
        pair.Does(pair.Requester.ReadCertificates);

        // The responder has heard a request more than the requester has sent.
        pair.Answer(pair.Requests[^1]);
        Assert.False(pair.Run(exchange => pair.Requester.Challenge(exchange)));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
    }

    [Fact]
    public void A_session_needs_a_chain_that_was_read()
    {
        using SpdmPair pair = new();
        pair.Does(pair.Requester.Negotiate);
        Assert.False(pair.Run(pair.Requester.StartSession));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
    }

    [Theory]
    [InlineData(0x11, false)]
    [InlineData(0x12, false)]
    [InlineData(0x13, false)]
    [InlineData(0x13, true)]
    [InlineData(0x14, true)]
    public void Measurements_one_by_one_are_signed_with_the_last_one(byte version, bool isInSession)
    {
        using SpdmPair pair = Identified(version);
        if (isInSession) pair.Does(pair.Requester.StartSession);
        pair.Does(exchange => pair.Requester.Measure(exchange, index: 0, isSigned: false));
        Assert.Equal(pair.Measured.Count, pair.Requester.MeasurementCount);
        List<byte> blocks = [];
        foreach (SpdmMeasurement measurement in pair.Measured)
        {
            pair.Does(exchange => pair.Requester.Measure(exchange, measurement.Index, isSigned: measurement.Index == 5));
            blocks.AddRange(pair.Requester.Measurements.Span);
        }

        Assert.Equal(pair.Blocks, blocks.ToArray());
    }

    [Fact]
    public void A_measurement_that_was_changed_on_its_way_spoils_the_signature_of_a_later_one()
    {
        using SpdmPair pair = Identified(SpdmConstants.Version13);
        Assert.True(pair.Run(exchange => pair.Requester.Measure(exchange, index: 1, isSigned: false), (_, answer) => Changed(answer, 20)));
        Assert.False(pair.Run(exchange => pair.Requester.Measure(exchange)));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);

        pair.Does(exchange => pair.Requester.Measure(exchange)); // begins anew
    }

    [Fact]
    public void Another_request_between_measurements_takes_those_before_it_out_of_the_signature()
    {
        using SpdmPair pair = Identified(SpdmConstants.Version13);
        Assert.True(pair.Run(exchange => pair.Requester.Measure(exchange, index: 1, isSigned: false), (_, answer) => Changed(answer, 20)));
        pair.Does(pair.Requester.ReadDigests);
        pair.Does(exchange => pair.Requester.Measure(exchange));
    }

    private static byte[] Changed(byte[] answer, int at)
    {
        byte[] changed = [.. answer];
        changed[SpdmBinding.PciDoe.HeaderSize + at] ^= 0x80;
        return changed;
    }

    private static SpdmPair Identified(byte version)
    {
        SpdmPair pair = new(new SpdmRequesterOptions { Versions = [version] }, SpdmPair.Usual with { Versions = [version] });
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.ReadDigests);
        pair.Does(pair.Requester.ReadCertificates);
        return pair;
    }
}
