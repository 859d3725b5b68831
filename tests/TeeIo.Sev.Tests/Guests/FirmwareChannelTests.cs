using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Sev.Ghcb;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Guests;

/// <summary>The guest's encrypted messages above a host that drops, changes, repeats and delays them.</summary>
public sealed class FirmwareChannelTests
{
    private static readonly Dictionary<string, Action<byte[], byte[]>> s_answers = new()
    {
        ["nothing at all"] = (response, _) => response.AsSpan().Clear(),
        ["the request itself"] = (response, request) => request.CopyTo(response.AsSpan()),
        ["another tag"] = (response, _) => response[0] ^= 1,
        ["another payload"] = (response, _) => response[0x60] ^= 1,
        ["the request's sequence number"] = (response, _) => response[0x20]--,
        ["a later sequence number"] = (response, _) => response[0x20]++,
        ["another algorithm"] = (response, _) => response[0x30] = 0,
        ["another header version"] = (response, _) => response[0x31]++,
        ["another header size"] = (response, _) => response[0x32]++,
        ["another kind"] = (response, _) => response[0x34] += 2,
        ["another version"] = (response, _) => response[0x35] = 1,
        ["another key's index"] = (response, _) => response[0x3C] = 1,
        ["a reserved byte"] = (response, _) => response[0x40] = 1,
        ["a shorter payload"] = (response, _) => response[0x36]--,
        ["a payload beyond the caller's buffer"] = (response, _) => response[0x37] = 0x0F,
        ["a payload beyond the page"] = (response, _) => response[0x37] = 0xFF,
    };

    private readonly GuestFixture _guest = new();
    private readonly byte[] _response = new byte[0x400];
    private FirmwareChannel? _channel;

    public static TheoryData<string> Answers => [.. s_answers.Keys];

    private FirmwareChannel Channel => _channel ??= FirmwareChannel.Open(_guest, new GhcbClient(GhcbTransport.Open(_guest, _guest.Host)!))!;

    [Fact]
    public void A_message_and_its_answer_use_up_two_numbers()
    {
        Assert.True(Ask().IsOk);
        Assert.Equal((2u, false), (_guest.Sequence, _guest.IsBurnt));
        Assert.True(Ask().IsOk);
        Assert.Equal([1, 3], _guest.Host.Requests.Select(r => (int)r[0x20]));
        Assert.Equal(4u, _guest.Sequence);
    }

    [Fact]
    public void The_host_sees_the_kind_of_a_message_and_nothing_of_its_content()
    {
        Assert.True(Ask().IsOk);
        Assert.Equal((byte)SnpMsgType.TioTdiInfoReq, _guest.Host.Requests[0][0x34]);
        Assert.Equal(-1, _guest.Host.Requests[0].AsSpan().IndexOf(Message().AsSpan(0x60, 8)));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_that_is_not_the_firmware_s_is_EBADMSG_and_costs_the_key(string name)
    {
        _guest.Host.Message = exit =>
        {
            _guest.Host.Pass(exit);
            s_answers[name](_guest.SharedPage(exit.ResponseGpa), _guest.SharedPage(exit.RequestGpa));
            return GhcbStatus.Success;
        };
        Assert.Equal(Errno.EBADMSG, Ask().Errno);
        Assert.True(_guest.IsBurnt);

        _guest.Host.Message = _guest.Host.Pass;
        Assert.Equal(Errno.EKEYREVOKED, Ask().Errno);
        Assert.Single(_guest.Host.Requests);
    }

    [Fact]
    public void An_answer_of_an_earlier_exchange_is_EBADMSG()
    {
        byte[] earlier = [];
        _guest.Host.Message = exit =>
        {
            _guest.Host.Pass(exit);
            if (earlier.Length == 0) earlier = [.. _guest.SharedPage(exit.ResponseGpa)];
            else earlier.CopyTo(_guest.SharedPage(exit.ResponseGpa).AsSpan());
            return GhcbStatus.Success;
        };
        Assert.True(Ask().IsOk);
        Assert.Equal(Errno.EBADMSG, Ask().Errno);
        Assert.True(_guest.IsBurnt);
    }

    [Theory]
    [InlineData(GhcbStatus.InvalidEvent, SevRet.Success, SnpVmmError.None)]
    [InlineData(GhcbStatus.MissingInput, SevRet.Success, SnpVmmError.None)]
    [InlineData(GhcbStatus.Success, SevRet.InvalidParam, SnpVmmError.None)]
    [InlineData(GhcbStatus.Success, SevRet.Success, SnpVmmError.Generic)]
    [InlineData(GhcbStatus.Success, SevRet.Success, SnpVmmError.InvalidLen)]
    [InlineData(GhcbStatus.Success, SevRet.Success, (SnpVmmError)77)]
    public void A_host_that_refuses_costs_the_key(GhcbStatus status, SevRet fwError, SnpVmmError vmmError)
    {
        _guest.Host.Message = exit =>
        {
            (exit.FwError, exit.VmmError) = (fwError, vmmError);
            return status;
        };
        Assert.Equal(Errno.EIO, Ask().Errno);
        Assert.Equal((Errno.EIO, true), (Channel.Failure, _guest.IsBurnt));
    }

    [Fact]
    public void A_busy_host_gets_the_same_message_again_after_a_while()
    {
        int busy = 3;
        _guest.Host.Message = exit =>
        {
            if (busy-- == 0) return _guest.Host.Pass(exit);
            exit.VmmError = SnpVmmError.Busy;
            return GhcbStatus.Success;
        };
        Assert.True(Ask().IsOk);
        Assert.Equal(4, _guest.Host.Requests.Count);
        Assert.All(_guest.Host.Requests, r => Assert.Equal(_guest.Host.Requests[0], r));
        Assert.Equal((TimeSpan.FromSeconds(6), 2u, false), (_guest.Slept, _guest.Sequence, _guest.IsBurnt));
    }

    [Fact]
    public void A_host_that_stays_busy_is_ETIMEDOUT_and_costs_the_key()
    {
        _guest.Host.Message = static exit =>
        {
            exit.VmmError = SnpVmmError.Busy;
            return GhcbStatus.Success;
        };
        Assert.Equal(Errno.ETIMEDOUT, Ask().Errno);
        Assert.Equal((TimeSpan.FromSeconds(60), true), (_guest.Slept, _guest.IsBurnt));
    }

    [Fact]
    public void A_message_whose_data_does_not_fit_goes_once_more_without_the_data()
    {
        _guest.Host.Message = exit =>
        {
            if (exit.DataGpa == 0) return _guest.Host.Pass(exit);
            (exit.VmmError, exit.DataPages) = (SnpVmmError.InvalidLen, 12);
            return GhcbStatus.Success;
        };
        Channel.Context = new TioRequestContext(new(0x20), 2, 0, 0x9000, 8);
        Assert.True(Ask().IsOk);
        Assert.Equal((12UL, 2u, false), (Channel.NeededPages, _guest.Sequence, _guest.IsBurnt));
        Assert.Equal(2, _guest.Host.Requests.Count);
        Assert.Equal(_guest.Host.Requests[0], _guest.Host.Requests[1]);
        Channel.Context = new TioRequestContext(new(0x20), 1);
        Assert.True(Ask().IsOk);
        Assert.Equal(0UL, Channel.NeededPages);
    }

    [Fact]
    public void The_last_numbers_are_not_used()
    {
        _guest.Sequence = uint.MaxValue - 2;
        Assert.Equal(Errno.EKEYREVOKED, Ask().Errno);
        Assert.Empty(_guest.Host.Requests);
        _guest.Sequence = uint.MaxValue - 3;
        Assert.True(Ask().IsOk);
        Assert.Equal(Errno.EKEYREVOKED, Ask().Errno);
        Assert.Single(_guest.Host.Requests);
    }

    [Fact]
    public void Each_CPU_has_its_own_key_and_one_beyond_the_keys_has_none()
    {
        for (int i = 0; i < 4; i++)
        {
            var guest = new GuestFixture(i);
            FirmwareChannel channel = FirmwareChannel.Open(guest, new GhcbClient(GhcbTransport.Open(guest, guest.Host)!))!;
            Assert.True(channel.Exchange(Message(), _response).IsOk);
            Assert.Equal((byte)i, guest.Host.Requests[0][0x3C]);
            Assert.Equal(2u, guest.Sequence);
        }

        var fifth = new GuestFixture(4);
        Assert.Null(FirmwareChannel.Open(fifth, new GhcbClient(GhcbTransport.Open(fifth, fifth.Host)!)));
    }

    [Fact]
    public void Without_pages_there_is_no_channel()
    {
        var ghcb = new GhcbClient(GhcbTransport.Open(_guest, _guest.Host)!);
        _guest.Left = 1;
        Assert.Null(FirmwareChannel.Open(_guest, ghcb));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData((1UL << 48) | (1UL << 32) | 1)]
    [InlineData((5UL << 48) | (3UL << 32) | 1)]
    [InlineData((2UL << 48) | (1UL << 32) | 0x100)]
    public void A_hypervisor_of_another_protocol_version_gets_no_GHCB(ulong answer)
    {
        _guest.Host.Msr = _ => answer;
        Assert.Null(GhcbTransport.Open(_guest, _guest.Host));
        Assert.Equal(0, _guest.InUse);
    }

    [Theory]
    [InlineData(0x13UL | (0xF_FFFF_FFFF_FFFFUL << 12))]
    [InlineData(0x13UL)]
    [InlineData(0x12UL)]
    public void A_GHCB_that_the_hypervisor_does_not_register_is_given_back(ulong answer)
    {
        Func<ulong, ulong> honest = _guest.Host.Msr;
        _guest.Host.Msr = asked => (asked & 0xFFF) == 0x012 ? answer : honest(asked);
        Assert.Null(GhcbTransport.Open(_guest, _guest.Host));
        Assert.Equal(0, _guest.InUse);
    }

    private static byte[] Message()
    {
        byte[] message = new byte[TdiInfoReq.ByteSize];
        TioGuestMessages.WriteTioTdiInfo(message, new TdiId(0x1122_3344_5566_7788));
        return message;
    }

    private SysResult Ask() => Channel.Exchange(Message(), _response);
}
