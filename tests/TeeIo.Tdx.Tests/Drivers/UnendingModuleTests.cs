using TeeIo.Boundaries;
using TeeIo.Tdx.Status;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The host's drivers against a module that is busy for ever, or says what nobody knows: each step ends with an error, and no page is left without an owner.</summary>
public sealed class UnendingModuleTests
{
    private static readonly string[] _connectLeaves = ["SPDM.CREATE", "SPDM.CONNECT", "IDE.STREAM.CREATE", "IDE.STREAM.KM"];
    private static readonly string[] _bindLeaves = ["TDIMT.ADD", "TDI.CREATE", "MMIOMT.ADD", "MMIOMT.SET", "TDI.BIND"];
    private static readonly string[] _unbindLeaves = ["MMIOMT.SET", "MMIOMT.REMOVE", "TDI.REMOVE", "TDIMT.REMOVE", "PHYMEM.PAGE.WBINVD"];

    private static readonly TdxStatus[] _statuses =
        [TdxStatus.OperandBusy, TdxStatus.InterruptedResumable, TdxStatus.SysBusy, (TdxStatus)0xC0DE_0000_0000_0000, (TdxStatus)ulong.MaxValue];

    private readonly HostFixture _host = new();

    public static TheoryData<string, TdxStatus> Connecting => Cases(_connectLeaves);

    public static TheoryData<string, TdxStatus> Binding => Cases(_bindLeaves);

    public static TheoryData<string, TdxStatus> Unbinding => Cases(_unbindLeaves);

    [Theory]
    [MemberData(nameof(Connecting))]
    public void Connect_ends_with_an_error(string leaf, TdxStatus status)
    {
        _host.Module.Fail(leaf, status);
        Assert.True(_host.Host.Probe(_host.Physical).IsOk);
        Assert.False(_host.Host.Connect(_host.Physical).IsOk);
        Assert.True(_host.Host.Remove(_host.Physical).IsOk);
        Assert.Equal(0, _host.Pages.InUse);
    }

    [Theory]
    [MemberData(nameof(Binding))]
    public void Bind_ends_with_an_error(string leaf, TdxStatus status)
    {
        Assert.True(_host.Start().IsOk);
        int inUse = _host.Pages.InUse;
        _host.Module.Fail(leaf, status);
        Assert.False(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.Equal(inUse, _host.Pages.InUse);
    }

    [Theory]
    [MemberData(nameof(Unbinding))]
    public void Unbind_ends_with_an_error_and_what_the_module_may_have_in_quarantine(string leaf, TdxStatus status)
    {
        Assert.True(_host.Start().IsOk);
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        int taken = _host.Pages.InUse - inUse;
        _host.Module.Fail(leaf, status);
        SysResult result = _host.Host.Unbind(_host.Tdi, _host);
        Assert.False(result.IsOk);
        Assert.Equal((inUse, taken), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData(TdxStatus.OperandBusy)]
    [InlineData((TdxStatus)ulong.MaxValue)]
    public void A_module_that_neither_stops_a_TDI_nor_blocks_its_stream_keeps_the_TDI_and_the_tables_above_it(TdxStatus status)
    {
        Assert.True(_host.Start().IsOk);
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        int taken = _host.Pages.InUse - inUse;
        _host.Module.Fail("TDI.STOP", status);
        _host.Module.Fail("IDE.STREAM.BLOCK", status);
        Assert.False(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        const int Tables = 3;
        Assert.Equal((inUse - Tables, taken + Tables), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    private static TheoryData<string, TdxStatus> Cases(string[] leaves)
    {
        var cases = new TheoryData<string, TdxStatus>();
        foreach (string leaf in leaves)
        {
            foreach (TdxStatus status in _statuses) cases.Add(leaf, status);
        }

        return cases;
    }
}
