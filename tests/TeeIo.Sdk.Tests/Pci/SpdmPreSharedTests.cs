using TeeIo.Pci.Spdm;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>Sessions from keys that both ends had before.</summary>
public sealed class SpdmPreSharedTests
{
    private static readonly SpdmPreSharedKey s_key = new(new byte[] { 1, 2 }, new byte[] { 7, 8, 9 });

    private static readonly byte[] s_versions = [0x11, 0x12, 0x13, 0x14];
    private static readonly bool[] s_both = [true, false];

    public static TheoryData<byte, bool> Kinds => [.. from version in s_versions from hasContext in s_both select (version, hasContext)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_shared_key_brings_up_a_session_without_certificates(byte version, bool hasContext)
    {
        using SpdmPair pair = new(
            new SpdmRequesterOptions { Versions = [version], PreSharedKey = s_key }, SpdmPair.Usual with { Versions = [version], PreSharedKeys = [new(default, new byte[] { 1 }), s_key], HasPreSharedContext = hasContext });
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.StartPreSharedSession);

        Assert.True(pair.Responder.HasSession);
        Assert.Equal([5, 6], pair.Echo(5, 6));
        pair.Does(pair.Requester.UpdateKeys);
        Assert.Equal([5, 6], pair.Echo(5, 6));
        pair.Does(pair.Requester.End);
        Assert.False(pair.Responder.HasSession);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_key_under_the_same_hint_makes_no_session(bool hasContext)
    {
        using SpdmPair pair = new(
            new SpdmRequesterOptions { PreSharedKey = s_key with { Key = new byte[] { 7, 8, 10 } } }, SpdmPair.Usual with { PreSharedKeys = [s_key], HasPreSharedContext = hasContext });
        pair.Does(pair.Requester.Negotiate);

        Assert.False(pair.Run(pair.Requester.StartPreSharedSession));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void A_session_that_is_established_at_once_lives_as_long_as_any_other()
    {
        ManualClock clock = new(DateTimeOffset.UnixEpoch);
        using SpdmPair pair = new(new SpdmRequesterOptions { PreSharedKey = s_key }, SpdmPair.Usual with { PreSharedKeys = [s_key], HasPreSharedContext = false }, clock: clock);
        clock.Advance(TimeSpan.FromHours(1));
        pair.Does(pair.Requester.Negotiate);
        pair.Does(pair.Requester.StartPreSharedSession);
        clock.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal([5], pair.Echo(5));
    }

    [Fact]
    public void A_hint_that_nobody_knows_is_refused()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { PreSharedKey = s_key with { Hint = new byte[] { 3 } } }, SpdmPair.Usual with { PreSharedKeys = [s_key] });
        pair.Does(pair.Requester.Negotiate);

        Assert.False(pair.Run(pair.Requester.StartPreSharedSession));
        Assert.Equal(SpdmErrorCode.InvalidRequest, pair.Requester.ErrorCode);
    }

    [Fact]
    public void A_responder_without_shared_keys_is_not_asked()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { PreSharedKey = s_key });
        pair.Does(pair.Requester.Negotiate);

        Assert.False(pair.Requester.HasPreSharedKey);
        Assert.False(pair.Run(pair.Requester.StartPreSharedSession));
        Assert.Contains("no sessions from keys", pair.Last.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sessions_from_one_key_have_different_keys()
    {
        using SpdmPair pair = new(new SpdmRequesterOptions { PreSharedKey = s_key }, SpdmPair.Usual with { PreSharedKeys = [s_key] });
        byte[][] records = [First(pair), First(pair)];
        Assert.NotEqual(records[0], records[1]);

        static byte[] First(SpdmPair pair)
        {
            pair.Does(pair.Requester.Negotiate);
            pair.Does(pair.Requester.StartPreSharedSession);
            return pair.Requester.Seal(TeeIo.Pci.SpdmVendor.PciProtocol.Tdisp, [1]);
        }
    }

    /// <summary>Known answers of DMTF's reference implementation: the key "TestPskData" with its terminating NUL, SHA-384.</summary>
    [Theory]
    [InlineData(0x12, "91fbda7e6788022587660ddb807f5dd82f023377f888afe7bd2808348dc00292e009232334f6017a59a6567b0c860e07")]
    [InlineData(0x14, "83597efed2289c01c4e62677d1665e269a220aee9247b15b2ca72bda07a3ebfc770600487c3358224034f02d627ca97e")]
    public void The_handshake_secret_of_a_shared_key_depends_on_the_version(byte version, string expected)
    {
        byte[] secret = new SpdmKeySchedule(SpdmHash.Sha384, version).HandshakeSecret("TestPskData\0"u8, isPreShared: true);
        Assert.Equal(expected, Convert.ToHexStringLower(secret));
    }
}
