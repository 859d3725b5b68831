using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Tdx.Ghci;
using TeeIo.Tdx.Guest;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tdx.Tdcm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The guest's mailbox against hosts that lie.</summary>
public class TdcmMailboxTests
{
    private readonly GuestFixture _guest = new();
    private readonly TdcmMailbox _mailbox;
    private readonly TdcmClient _tdcm;

    public TdcmMailboxTests()
    {
        var tdcall = new TdcallClient(_guest.Instructions);
        _mailbox = new TdcmMailbox(_guest, tdcall, new GhciClient(new TdVmcallTransport(tdcall)));
        _tdcm = new TdcmClient(_mailbox);
    }

    [Fact]
    public void An_answer_comes_when_the_status_says_so()
    {
        ulong buffer = 0;
        _guest.Host = gpa => buffer = gpa;
        _guest.Sleeping = () =>
        {
            _guest.Memory(buffer + TdcmConstants.HeaderSize, 3).Fill(7);
            _guest.Answer(buffer, TdcmStatus.Completed, 3);
        };
        byte[] response = new byte[10];
        Assert.True(_tdcm.TryGetTdiReport(8, response, out int length).IsOk);
        Assert.Equal([7, 7, 7], response[..length]);
        Assert.Equal(0, _guest.InUse);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(uint.MaxValue)]
    [InlineData(0)]
    public void A_length_that_the_buffer_does_not_hold_is_refused(uint length)
    {
        _guest.Host = gpa => _guest.Answer(gpa, TdcmStatus.Completed, length);
        MailboxResult result = _tdcm.TryGetTdiReport(8, new byte[10], out int read);
        Assert.False(result.IsOk);
        Assert.Equal(0, read);
        Assert.Equal(Errno.EIO, _mailbox.Failure);
    }

    [Theory]
    [InlineData(TdcmError.TdxModule)]
    [InlineData(TdcmError.TdxioDevice)]
    [InlineData(TdcmError.SpdmMessage)]
    [InlineData(TdcmError.IdeKmMessage)]
    [InlineData(TdcmError.TdispMessage)]
    [InlineData(TdcmError.InvalidState)]
    public void An_error_comes_with_its_code(TdcmError error)
    {
        _guest.Host = gpa => _guest.Answer(gpa, TdcmStatus.Error, 0, error);
        Assert.Equal(MailboxResult.Fail((uint)error), _tdcm.TryBind(8));
    }

    [Fact]
    public void A_status_that_never_comes_is_a_timeout_and_its_buffer_is_not_used_again()
    {
        Assert.False(_tdcm.TryBind(8).IsOk);
        Assert.Equal(Errno.ETIMEDOUT, _mailbox.Failure);
        Assert.Equal(1, _guest.InUse);
    }

    [Fact]
    public void A_status_that_does_not_exist_is_refused()
    {
        _guest.Host = gpa => _guest.Answer(gpa, (TdcmStatus)0x7F, 0);
        Assert.Equal(MailboxResult.Fail(0), _tdcm.TryBind(8));
    }

    [Fact]
    public void A_host_that_always_says_retry_is_given_up()
    {
        _guest.Taken = TdvmcallStatus.Retry;
        Assert.False(_tdcm.TryBind(8).IsOk);
        Assert.Equal(Errno.ETIMEDOUT, _mailbox.Failure);
        Assert.Equal(0, _guest.InUse);
    }

    [Theory]
    [InlineData(TdcmStatus.Wait)]
    [InlineData((TdcmStatus)0x7F)]
    public void A_status_that_flips_after_it_was_seen_is_a_failure_and_leaves_nothing(TdcmStatus second)
    {
        int reads = 0;
        _guest.Host = gpa => _guest.Answer(gpa, TdcmStatus.Completed, 3);
        _guest.Reading = gpa =>
        {
            if (++reads == 2) _guest.Answer(gpa, second, 3);
        };
        Assert.Equal(MailboxResult.Fail(0), _tdcm.TryGetTdiReport(8, new byte[10], out int length));
        Assert.Equal((0, 0), (length, _guest.InUse));
        Assert.Equal(Errno.EIO, _mailbox.Failure);
    }

    [Fact]
    public void A_host_that_goes_back_to_wait_before_it_was_seen_is_waited_for()
    {
        ulong buffer = 0;
        int sleeps = 0;
        _guest.Host = gpa => buffer = gpa;
        _guest.Sleeping = () => _guest.Answer(buffer, ++sleeps < 5 ? TdcmStatus.Wait : TdcmStatus.Completed, 0);
        Assert.True(_tdcm.TryBind(8).IsOk);
        Assert.Equal((5, 0), (sleeps, _guest.InUse));
    }

    [Fact]
    public void A_length_that_grows_after_it_was_checked_counts_no_more()
    {
        ulong buffer = 0;
        _guest.Host = gpa => _guest.Answer(buffer = gpa, TdcmStatus.Completed, 3);
        _guest.Reading = gpa =>
        {
            if (gpa != buffer) _guest.Answer(buffer, TdcmStatus.Completed, uint.MaxValue);
        };
        byte[] response = new byte[10];
        response.AsSpan(3).Fill(9);
        Assert.True(_tdcm.TryGetTdiReport(8, response, out int length).IsOk);
        Assert.Equal(3, length);
        Assert.All(response[3..], b => Assert.Equal(9, b));
    }

    [Fact]
    public void An_error_code_that_does_not_exist_comes_as_a_failure()
    {
        _guest.Host = gpa => _guest.Answer(gpa, TdcmStatus.Error, uint.MaxValue, (TdcmError)0xEE);
        Assert.Equal(MailboxResult.Fail(0xEE), _tdcm.TryBind(8));
        Assert.Equal(0, _guest.InUse);
    }

    [Fact]
    public void Data_where_none_belongs_is_refused()
    {
        _guest.Host = gpa => _guest.Answer(gpa, TdcmStatus.Completed, 1);
        Assert.Equal(MailboxResult.Fail(0), _tdcm.TryBind(8));
        Assert.Equal(0, _guest.InUse);
    }

    [Theory]
    [InlineData(TdvmcallStatus.InvalidOperand)]
    [InlineData(TdvmcallStatus.SubfuncUnsupported)]
    [InlineData((TdvmcallStatus)0xDEAD)]
    public void A_host_that_does_not_take_the_command_gets_no_second_look(TdvmcallStatus status)
    {
        _guest.Taken = status;
        Assert.Equal(MailboxResult.Fail(0), _tdcm.TryBind(8));
        Assert.Equal((Errno.EIO, 0), (_mailbox.Failure, _guest.InUse));
    }
}
