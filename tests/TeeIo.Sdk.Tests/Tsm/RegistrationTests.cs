using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Tsm;

/// <summary>The vendor's driver comes and goes, and keys become due.</summary>
public sealed class RegistrationTests
{
    private readonly List<string> _calls = [];
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly TsmFunction _physical = new(PciAddress.Of(0, 1, 0, 0), null, null);
    private readonly TsmFunction _virtual;
    private readonly PciTsmCore _core;

    public RegistrationTests()
    {
        _virtual = new TsmFunction(PciAddress.Of(0, 1, 0, 1), _physical, null);
        _core = new PciTsmCore(new RecordingHostTsm(_calls), new NoTdiServices(), new LockOrder(_scheduler), CrossingHub.Silent, keys: new Keys(_calls));
    }

    [Fact]
    public void A_driver_that_leaves_takes_every_bind_and_connection_along() => Run(() =>
    {
        Connect();
        Assert.True(_core.TsmBind(_virtual, new Vm(), 0).IsOk);
        _calls.Clear();
        Assert.True(_core.Unregister().IsOk);
        Assert.Equal(["unbind 1", "remove 1", "disconnect 0", "remove 0"], _calls);
        Assert.Null(_virtual.Tdi);
        Assert.False(_physical.IsConnected);
    });

    [Fact]
    public void Without_a_driver_nothing_connects_until_it_is_back() => Run(() =>
    {
        Connect();
        Assert.True(_core.Unregister().IsOk);
        Assert.Equal(Errno.ENXIO, _core.Unregister().Errno);
        Assert.Equal(Errno.ENXIO, _core.Connect(_physical).Errno);
        Assert.True(_core.Register().IsOk);
        Assert.Equal(Errno.EBUSY, _core.Register().Errno);
        Assert.True(_core.Connect(_physical).IsOk);
    });

    [Fact]
    public void New_keys_are_for_connected_functions() => Run(() =>
    {
        _core.Add(_physical);
        Assert.Equal(Errno.ENXIO, _core.RefreshKeys(_physical).Errno);
        Assert.True(_core.Connect(_physical).IsOk);
        Assert.True(_core.RefreshKeys(_physical).IsOk);
        Assert.Equal("refresh 0", _calls[^1]);
    });

    [Fact]
    public void A_driver_without_keys_refreshes_none() => Run(() =>
    {
        var core = new PciTsmCore(new RecordingHostTsm(_calls), new NoTdiServices(), new LockOrder(_scheduler), CrossingHub.Silent);
        core.Add(_physical);
        Assert.True(core.Connect(_physical).IsOk);
        Assert.Equal(Errno.EOPNOTSUPP, core.RefreshKeys(_physical).Errno);
    });

    private void Connect()
    {
        _core.Add(_physical);
        _core.Add(_virtual);
        Assert.True(_core.Connect(_physical).IsOk);
    }

    private void Run(Action body)
    {
        _scheduler.Start("test", body);
        _scheduler.Run();
    }

    private sealed class Vm() : ConfidentialVm(1, "vm0");

    private sealed class Keys(List<string> calls) : IHostKeys
    {
        public SysResult RefreshKeys(TsmFunction function)
        {
            calls.Add($"refresh {function.Address.Function}");
            return SysResult.Ok;
        }
    }
}
