using TeeIo.Boundaries;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>A life above the firmware's model that is broken off at each of its calls in turn: a failure on the way in leaves nothing behind, one on the way out leaves nothing of the
/// firmware's or the guest's with the host.</summary>
public sealed class UnwindingTests
{
    private const long Unknown = 0xC0DE;

    [Fact]
    public void After_a_full_life_the_host_has_all_its_pages_twice()
    {
        using var host = new LiveHost();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(host.GoForward().IsOk);
            Assert.True(host.Serve().IsOk);
            Assert.True(host.GoBack());
            host.AssertAsBooted($"life {i}");
        }
    }

    [Fact]
    public void Evidence_is_there_after_a_bind()
    {
        using var host = new LiveHost();
        Assert.True(host.GoForward().IsOk);
        Assert.True(host.Ask(SevRequestOperation.Certificates, out byte[] certificates).IsOk);
        Assert.True(host.Ask(SevRequestOperation.Measurements, out byte[] measurements).IsOk);
        Assert.True(host.Ask(SevRequestOperation.Report, out byte[] report).IsOk);
        Assert.True(host.Ask(SevRequestOperation.State, out byte[] state).IsOk);
        Assert.True(host.Ask(SevRequestOperation.TdiId, out byte[] name).IsOk);
        Assert.Equal((true, true, true, 1, 8), (certificates.Length > 256, measurements.Length > 32, report.Length > 16, state[0], name.Length));
        int messages = host.Unreliable.Count;
        Assert.True(host.Ask(SevRequestOperation.Measurements, out byte[] fresh, nonce: 7).IsOk);
        Assert.Equal((messages + 1, measurements.Length), (host.Unreliable.Count, fresh.Length));
    }

    [Fact]
    public void A_way_in_that_one_call_breaks_off_leaves_nothing_behind()
    {
        for (int n = 0; ; n++)
        {
            using var host = new LiveHost();
            host.Fault.Plan(n, n, (long)SevRet.InvalidParam);
            SysResult result = host.GoForward();
            if (host.Fault.Hit is not { } call)
            {
                Assert.True(result.IsOk);
                Assert.True(n > 40, "the life is shorter than it was");
                return;
            }

            Assert.True(!result.IsOk || IsRepeated(call), $"{call} (call {n}) failed and nobody noticed");
            host.Fault.Heal();
            host.GoBack();

            // A page on its way back that doesn't come is all that may be missing, with the one that lists it.
            if (host.Pages.Quarantined.Count is 1 or 2 && call is "RMPUPDATE") host.AssertNothingOfOthersIsFree($"{call} (call {n})");
            else host.AssertAsBooted($"{call} (call {n})");
        }
    }

    [Fact]
    public void A_way_out_that_one_call_breaks_off_gives_no_page_back_that_is_somebody_else_s()
    {
        for (int n = 0; ; n++)
        {
            using var host = new LiveHost();
            Assert.True(host.GoForward().IsOk);
            Assert.True(host.Serve().IsOk);
            host.Fault.Plan(n, n, (long)SevRet.InvalidParam);
            bool isDone = host.GoBack();
            if (host.Fault.Hit is not { } call)
            {
                Assert.True(isDone);
                return;
            }

            // What force or another try makes good is no failure; then everything must be back.
            Assert.True(!isDone || IsRepeated(call), $"{call} (call {n}) failed and nobody noticed");
            if (isDone) host.AssertAsBooted($"{call} (call {n})");
            host.AssertNothingOfOthersIsFree($"{call} (call {n})");
        }
    }

    [Theory]
    [InlineData((long)SevRet.InvalidParam)]
    [InlineData((long)SevRet.SpdmRequest)]
    [InlineData((long)SevRet.ExpandBufferLengthRequest)]
    [InlineData((long)SevRet.InvalidTdiState)]
    [InlineData((long)SevRet.InvalidDevState)]
    [InlineData(3)]
    [InlineData(Unknown)]
    public void Firmware_that_answers_nothing_else_from_some_call_on_gets_no_page_taken_from_it(long status)
    {
        for (int n = 0; ; n += 11)
        {
            using var host = new LiveHost();
            host.Fault.Plan(n, int.MaxValue, status);
            bool isDone = host.GoForward().IsOk && host.Serve().IsOk && host.GoBack();
            if (host.Fault.Hit is not { } call)
            {
                Assert.True(isDone);
                return;
            }

            if (!isDone) host.GoBack();
            Assert.False(isDone, $"{call} (call {n}) failed and nobody noticed");
            host.AssertNothingOfOthersIsFree($"{call} (call {n})");
        }
    }

    [Fact]
    public void A_device_that_drops_one_message_leaves_nothing_behind()
    {
        for (int n = 0; ; n++)
        {
            using var host = new LiveHost();
            (host.Unreliable.From, host.Unreliable.To) = (n, n);
            bool isForward = host.GoForward().IsOk && host.Serve().IsOk;
            bool isBack = host.GoBack();
            if (n >= host.Unreliable.Count)
            {
                Assert.True(isForward && isBack);
                Assert.True(n > 30, "the life is shorter than it was");
                return;
            }

            host.AssertAsBooted($"message {n}");
        }
    }

    [Fact]
    public void A_device_that_is_gone_from_some_message_on_leaves_nothing_behind()
    {
        for (int n = 0; ; n += 5)
        {
            using var host = new LiveHost();
            host.Unreliable.From = n;
            bool isDone = host.GoForward().IsOk && host.Serve().IsOk && host.GoBack();
            if (n >= host.Unreliable.Count)
            {
                Assert.True(isDone);
                return;
            }

            if (!isDone) host.GoBack();
            host.AssertAsBooted($"message {n}");
        }
    }

    /// <summary>Calls that are tried again: a page is asked for twice, and a conversation that the firmware still waits in goes on.</summary>
    private static bool IsRepeated(string call) =>
        call is "SNP_PAGE_RECLAIM" or "TIO_DEV_CONNECT" or "TIO_DEV_MEASUREMENTS" or "TIO_DEV_DISCONNECT" or "TIO_TDI_BIND" or "TIO_TDI_STATUS" or "TIO_TDI_UNBIND";
}
