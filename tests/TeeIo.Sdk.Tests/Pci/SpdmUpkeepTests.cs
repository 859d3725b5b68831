using TeeIo.Pci.Spdm;
using TeeIo.Pci.SpdmVendor;

namespace TeeIo.Sdk.Tests.Pci;

/// <summary>How a session lives: keys that change, heartbeats, and records that cost nothing.</summary>
public sealed class SpdmUpkeepTests
{
    private static readonly byte[] s_secret = [.. Enumerable.Range(0, 48).Select(i => (byte)i)];
    private static readonly SpdmRecords s_records = new(
        new SpdmSuite(SpdmConstants.Version13, SpdmHash.Sha384, SpdmSignatureAlgorithm.EcdsaP384, SpdmGroup.Find(DheGroup.Secp384R1), AeadSuite.Aes256Gcm, SpdmHash.Sha384),
        IsEncrypted: true,
        SpdmBinding.PciDoe,
        new Random(1));

    [Fact]
    public void After_a_change_of_keys_records_of_both_directions_are_others()
    {
        using SpdmSession changed = Session(isRequester: true);
        using SpdmSession unchanged = Session(isRequester: true);
        using SpdmSession peer = Session(isRequester: false);
        using SpdmSession other = Session(isRequester: false);
        changed.UpdateOutgoing();
        changed.UpdateIncoming();
        peer.UpdateOutgoing();
        peer.UpdateIncoming();

        byte[] record = Seal(changed, [1, 2, 3]);
        Assert.NotEqual(Seal(unchanged, [1, 2, 3]), record);
        Assert.False(IsOpened(other, record));
        Assert.True(IsOpened(peer, record));
        Assert.True(IsOpened(changed, Seal(peer, [4])));
    }

    [Fact]
    public void A_record_under_the_old_keys_takes_a_change_back_whose_acknowledgement_was_lost()
    {
        using SpdmSession requester = Session(isRequester: true);
        using SpdmSession responder = Session(isRequester: false);
        Assert.True(IsOpened(responder, Seal(requester, [1])));
        responder.UpdateIncoming();
        Assert.True(responder.IsUpdating);

        Assert.True(IsOpened(responder, Seal(requester, [2])));
        Assert.False(responder.IsUpdating);
        Assert.True(IsOpened(responder, Seal(requester, [3])));
    }

    [Fact]
    public void Once_a_change_is_confirmed_a_record_under_the_old_keys_ends_the_session()
    {
        using SpdmSession requester = Session(isRequester: true);
        using SpdmSession responder = Session(isRequester: false);
        responder.UpdateIncoming();
        responder.ConfirmIncoming();

        Assert.False(IsOpened(responder, Seal(requester, [1])));
        Assert.True(responder.IsDead);
    }

    [Fact]
    public void An_acknowledgement_of_new_keys_that_is_not_under_them_ends_the_requesters_session()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] old = [];
        Assert.True(pair.Run(pair.Requester.Heartbeat, (_, answer) => old = answer));
        Assert.False(pair.Run(pair.Requester.UpdateKeys, (i, answer) => i == 0 ? old : answer));
        Assert.Equal(DeviceFailure.NotAuthentic, pair.Last.Failure);
        Assert.False(pair.Requester.IsUp);
    }

    [Fact]
    public void A_session_that_was_silent_for_two_heartbeats_is_over()
    {
        ManualClock clock = new(DateTimeOffset.UnixEpoch);
        using SpdmPair pair = new SpdmPair(clock: clock).Connected();
        Assert.Equal(60, pair.Requester.HeartbeatPeriod);
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(120));
            pair.Does(pair.Requester.Heartbeat);
        }

        clock.Advance(TimeSpan.FromSeconds(121));
        Assert.Empty(pair.Answer(pair.Requester.Seal(PciProtocol.Tdisp, [1])));
        Assert.False(pair.Responder.HasSession);
        Assert.Equal(1, pair.SessionsEnded);
    }

    [Fact]
    public void A_session_without_heartbeats_outlives_any_silence()
    {
        ManualClock clock = new(DateTimeOffset.UnixEpoch);
        using SpdmPair pair = new SpdmPair(responder: SpdmPair.Usual with { HeartbeatPeriod = 0 }, clock: clock).Connected();
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal(0, pair.Requester.HeartbeatPeriod);
        Assert.Equal([7], pair.Echo(7));
        Assert.False(pair.Run(pair.Requester.Heartbeat));
        Assert.Contains("needs HbeatCap of the responder", pair.Last.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_through_a_session_allocates_nothing()
    {
        using SpdmPair pair = new SpdmPair().Connected();
        byte[] message = new byte[200];
        byte[] packet = new byte[pair.Requester.PacketSize(message.Length)];
        byte[] answer = new byte[pair.Responder.MaxPacketSize];
        long before = 0;
        bool isOpen = true;
        for (int i = 0; i < 40; i++)
        {
            if (i == 20) before = GC.GetAllocatedBytesForCurrentThread();
            int length = pair.Requester.Seal(PciProtocol.Tdisp, message, packet);
            length = pair.Responder.Answer(packet.AsSpan(0, length), answer);
            isOpen &= pair.Requester.TryOpen(PciProtocol.Tdisp, answer.AsSpan(0, length), out ReadOnlySpan<byte> echo) && echo.Length == message.Length;
        }

        Assert.True(isOpen);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static SpdmSession Session(bool isRequester) => new(7, isRequester, s_records, [.. s_secret], s_secret);

    private static byte[] Seal(SpdmSession session, byte[] message)
    {
        byte[] record = new byte[session.RecordSize(message.Length)];
        return record[..session.Seal(message, record)];
    }

    private static bool IsOpened(SpdmSession session, byte[] record) => session.TryOpen(record, new byte[record.Length], out _);
}
