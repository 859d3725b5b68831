using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Tdisp;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Tsm;

/// <summary>What the generated driver classes do around an op.</summary>
public class DriverTests
{
    private readonly List<string> _steps = [];
    private readonly AcmeTsm _driver = new();
    private readonly Tdi _tdi = new(new TsmFunction(PciAddress.Of(0, 1, 0, 1), null, null), new AcmeVm(), id: 8, epoch: 1);

    [Fact]
    public void A_bind_that_succeeds_leaves_the_TDI_locked_and_bound()
    {
        Assert.True(_driver.Bind(_tdi).IsOk);
        Assert.Equal((TdiState.ConfigLocked, true), (_tdi.State, _tdi.IsBound));
    }

    [Fact]
    public void A_bind_that_fails_changes_no_state_and_takes_back_what_it_did_newest_first()
    {
        _driver.OnBind = context =>
        {
            context.OnFailure(() => _steps.Add("first"));
            context.OnFailure(() => _steps.Add("second"));
            return Errno.EIO;
        };
        Assert.Equal(Errno.EIO, _driver.Bind(_tdi).Errno);
        Assert.Equal(["second", "first"], _steps);
        Assert.Equal((TdiState.ConfigUnlocked, false), (_tdi.State, _tdi.IsBound));
    }

    [Fact]
    public void A_bind_that_throws_takes_back_what_it_did()
    {
        _driver.OnBind = context =>
        {
            context.OnFailure(() => _steps.Add("undone"));
            throw new NotSupportedException();
        };
        Assert.Throws<NotSupportedException>(() => _driver.Bind(_tdi));
        Assert.Equal(["undone"], _steps);
        Assert.False(_tdi.IsBound);
    }

    [Fact]
    public void What_was_noted_for_failure_stays_undone_after_success()
    {
        _driver.OnBind = context =>
        {
            context.OnFailure(() => _steps.Add("undone"));
            return SysResult.Ok;
        };
        Assert.True(_driver.Bind(_tdi).IsOk);
        Assert.Empty(_steps);
    }

    [Fact]
    public void Bind_of_a_locked_TDI_is_EBUSY_and_does_not_reach_the_driver()
    {
        Assert.True(_driver.Bind(_tdi).IsOk);
        Assert.Equal(Errno.EBUSY, _driver.Bind(_tdi).Errno);
        Assert.Equal(1, _driver.Binds);
    }

    [Fact]
    public void Unbind_and_requests_of_a_TDI_that_is_not_bound_are_EINVAL()
    {
        Assert.Equal(Errno.EINVAL, _driver.Unbind(_tdi, new NoServices()).Errno);
        Assert.Equal(Errno.EINVAL, _driver.GuestReq(_tdi, 0, [], [], out _).Errno);
    }

    [Fact]
    public void A_driver_that_learns_of_an_error_notes_it_and_the_TDI_stays_bound()
    {
        Assert.True(_driver.Bind(_tdi).IsOk);
        _driver.OnRequest = context =>
        {
            context.Observe(TdiState.Error);
            context.TsmCode = 7;
            return Errno.EIO;
        };
        Assert.Equal(Errno.EIO, _driver.GuestReq(_tdi, 0, [], [], out ulong code).Errno);
        Assert.Equal((7UL, TdiState.Error, true), (code, _tdi.State, _tdi.IsBound));
        Assert.True(_driver.Unbind(_tdi, new NoServices()).IsOk);
        Assert.Equal((TdiState.ConfigUnlocked, false), (_tdi.State, _tdi.IsBound));
    }

    [Fact]
    public void A_service_gives_its_proof_only_when_it_succeeded()
    {
        Assert.True(_driver.Bind(_tdi).IsOk);
        var services = new NoServices { Result = Errno.EIO };
        _driver.OnUnbind = context =>
        {
            Assert.Equal(Errno.EIO, context.Services.DisableMmio(context.Tdi, out WithdrawnTdi withdrawn).Errno);
            Assert.Throws<InvalidOperationException>(() => withdrawn.Value);
            services.Result = SysResult.Ok;
            Assert.True(context.Services.DisableMmio(context.Tdi, out withdrawn).IsOk);
            Assert.Same(_tdi, withdrawn.Value);
            return context.Services.EnableMmio(withdrawn);
        };
        Assert.True(_driver.Unbind(_tdi, services).IsOk);
        Assert.Equal(["disable_mmio", "disable_mmio", "enable_mmio"], services.Calls);
    }

    [Fact]
    public void A_null_handle_is_refused_by_name() =>
        Assert.Equal("tdi", Assert.Throws<ArgumentNullException>(() => _driver.Bind(null!)).ParamName);

    private sealed class AcmeVm() : ConfidentialVm(1, "vm0");

    private sealed class NoServices : ITdiServices
    {
        public SysResult Result { get; set; }

        public List<string> Calls { get; } = [];

        public SysResult DisableMmio(Tdi tdi) => Answer("disable_mmio");

        public SysResult DisableDma(Tdi tdi) => Answer("disable_dma");

        public SysResult EnableMmio(Tdi tdi) => Answer("enable_mmio");

        private SysResult Answer(string call)
        {
            Calls.Add(call);
            return Result;
        }
    }

    private sealed class AcmeTsm : HostTsmDriver
    {
        public delegate SysResult BindOp(BindContext context);

        public delegate SysResult UnbindOp(UnbindContext context);

        public delegate SysResult RequestOp(GuestReqContext context);

        public int Binds { get; private set; }

        public BindOp OnBind { get; set; } = _ => SysResult.Ok;

        public UnbindOp OnUnbind { get; set; } = _ => SysResult.Ok;

        public RequestOp OnRequest { get; set; } = _ => SysResult.Ok;

        protected override SysResult Probe(ProbeContext context) => SysResult.Ok;

        protected override SysResult Remove(RemoveContext context) => SysResult.Ok;

        protected override SysResult Connect(ConnectContext context) => SysResult.Ok;

        protected override SysResult Disconnect(DisconnectContext context) => SysResult.Ok;

        protected override SysResult Bind(BindContext context)
        {
            Binds++;
            return OnBind(context);
        }

        protected override SysResult Unbind(UnbindContext context) => OnUnbind(context);

        protected override SysResult GuestReq(GuestReqContext context) => OnRequest(context);
    }
}
