using TeeIo.Boundaries;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>A life that is broken off at each of its SEAMCALLs in turn: a failure on the way in leaves nothing behind, one on the way out leaves no page of the module's with the host.</summary>
public sealed class UnwindingTests
{
    private const ulong Unknown = 0xC0DE_0000_0000_0000;

    [Fact]
    public void After_a_full_life_the_host_has_all_its_pages()
    {
        using var host = new LiveHost();
        Assert.True(host.GoForward().IsOk);
        Assert.True(host.Serve().IsOk);

        Assert.True(host.GoBack());

        host.AssertAsBooted("a full life");
    }

    [Fact]
    public void A_second_life_is_like_the_first()
    {
        using var host = new LiveHost();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(host.GoForward().IsOk);
            Assert.True(host.Serve().IsOk);
            Assert.True(host.GoBack());
        }

        host.AssertAsBooted("a second life");
    }

    [Fact]
    public void A_way_in_that_one_call_breaks_off_leaves_nothing_behind()
    {
        for (int n = 0; ; n++)
        {
            using var host = new LiveHost();
            host.Fault.Plan(n, n, (ulong)TdxStatus.OperandInvalid);
            SysResult result = host.GoForward();
            if (host.Fault.Hit is not { } call)
            {
                Assert.True(result.IsOk);
                Assert.True(n > 40, "the life is shorter than it was");
                return;
            }

            Assert.False(result.IsOk, $"{call} (call {n}) failed and nobody noticed");
            host.Fault.Heal();
            host.GoBack();
            host.AssertAsBooted($"{call} (call {n})");
        }
    }

    [Theory]
    [InlineData((ulong)TdxStatus.OperandInvalid)]
    [InlineData((ulong)TdxStatus.OperandBusy)]
    [InlineData((ulong)TdxStatus.InterruptedResumable)]
    [InlineData((ulong)TdxStatus.SpdmRequest)]
    [InlineData((ulong)TdxStatus.SpdmSessionKeyRequireRefresh)]
    [InlineData(Unknown)]
    public void A_module_that_answers_nothing_else_from_some_call_on_gets_no_page_taken_from_it(ulong status)
    {
        for (int n = 0; ; n += 13)
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
            host.AssertNothingOfTheModuleIsFree($"{call} (call {n})");
        }
    }

    [Fact]
    public void A_way_out_that_one_call_breaks_off_gives_no_page_back_that_the_module_has()
    {
        for (int n = 0; ; n++)
        {
            using var host = new LiveHost();
            Assert.True(host.GoForward().IsOk);
            Assert.True(host.Serve().IsOk);
            host.Fault.Plan(n, n, (ulong)TdxStatus.OperandInvalid);
            bool isDone = host.GoBack();
            if (host.Fault.Hit is not { } call)
            {
                Assert.True(isDone);
                return;
            }

            // A device that doesn't stop has its stream blocked, and all comes back.
            Assert.Equal((call, call == "TDH.TDI.STOP"), (call, isDone));
            host.AssertNothingOfTheModuleIsFree($"{call} (call {n})");
        }
    }
}
