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
}
