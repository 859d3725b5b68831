using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Tdx.Flow;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>Invariant 10 finds a page that changes its owner with its cache lines, and nothing where they were written back.</summary>
public class CacheFlushTests
{
    private const ulong Page = 0x6000;
    private readonly InvariantMonitor _monitor = new(new CacheFlush());
    private readonly SeamcallClient _calls;
    private readonly SeamcallModelClient _model;

    public CacheFlushTests()
    {
        var hub = new CrossingHub([_monitor]);
        _calls = new SeamcallClient(new Yes(), hub);
        _model = new SeamcallModelClient(new Yes(), hub);
    }

    [Fact]
    public void A_page_that_was_flushed_may_have_a_new_owner()
    {
        _calls.TryPhymemPageReclaim(Page, out _, out _, out _);
        _calls.TryPhymemPageWbinvd(Page);
        _model.TryTdimtAdd(0, new HostFunctionId(0x101), Page);
        Assert.Empty(_monitor.Violations);
    }

    [Fact]
    public void A_reclaimed_page_that_was_not_flushed_is_seen()
    {
        _calls.TryPhymemPageReclaim(Page, out _, out _, out _);
        _model.TryTdimtAdd(0, new HostFunctionId(0x101), Page);
        Assert.Contains("0x6000", Assert.Single(_monitor.Violations).What, StringComparison.Ordinal);
    }

    [Fact]
    public void Flushing_another_page_does_not_count()
    {
        _calls.TryPhymemPageReclaim(Page, out _, out _, out _);
        _calls.TryPhymemPageWbinvd(Page + 0x1000);
        _calls.TryMngCreate(Page, 1);
        Assert.Single(_monitor.Violations);
    }

    /// <summary>A module that says yes to everything.</summary>
    private sealed class Yes : ModelRegisterTransport
    {
        public override void Call(CallInfo call, ref RegisterFile registers) => registers[Register.Rax] = 0;
    }
}
