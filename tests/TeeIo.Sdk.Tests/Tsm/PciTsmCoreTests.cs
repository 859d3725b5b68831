using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Scheduling;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Tsm;

public sealed class PciTsmCoreTests
{
    private readonly List<string> _calls = [];
    private readonly RecordingHostTsm _driver;
    private readonly DeterministicScheduler _scheduler = new(1);
    private readonly PciTsmCore _core;
    private readonly TsmFunction _physical = new(PciAddress.Of(0, 1, 0, 0), null, null);
    private readonly TsmFunction _first;
    private readonly TsmFunction _second;
    private readonly ConfidentialVm _vm0 = new Vm(1, "vm0");
    private readonly ConfidentialVm _vm1 = new Vm(2, "vm1");

    public PciTsmCoreTests()
    {
        _driver = new RecordingHostTsm(_calls);
        _core = new PciTsmCore(_driver, new NoTdiServices(), new LockOrder(_scheduler), CrossingHub.Silent);
        _first = new TsmFunction(PciAddress.Of(0, 1, 0, 1), _physical, null);
        _second = new TsmFunction(PciAddress.Of(0, 1, 0, 2), _physical, null);
    }

    [Fact]
    public void Connect_probes_the_dsm_then_connects_then_probes_what_is_below() => Run(() =>
    {
        AddAll();
        Assert.True(_core.Connect(_physical).IsOk);
        Assert.Equal(["probe 0", "connect 0", "probe 1", "probe 2"], _calls);
    });

    [Fact]
    public void Connect_when_connected_is_EBUSY() => Run(() =>
    {
        Connected();
        Assert.Equal(Errno.EBUSY, _core.Connect(_physical).Errno);
    });

    [Fact]
    public void Connect_of_a_function_without_a_dsm_is_ENXIO() => Run(() =>
    {
        AddAll();
        Assert.Equal(Errno.ENXIO, _core.Connect(_first).Errno);
    });

    [Fact]
    public void A_driver_that_declines_makes_connect_ENXIO() => Run(() =>
    {
        AddAll();
        _driver.ProbeAnswer = Errno.ENODEV;
        Assert.Equal(Errno.ENXIO, _core.Connect(_physical).Errno);
        Assert.False(_physical.IsProbed);
    });

    [Fact]
    public void A_failed_connect_undoes_the_probe_and_can_be_tried_again() => Run(() =>
    {
        AddAll();
        _driver.ConnectAnswer = Errno.EIO;
        Assert.Equal(Errno.EIO, _core.Connect(_physical).Errno);
        Assert.Equal(["probe 0", "connect 0", "remove 0"], _calls);
        _driver.ConnectAnswer = SysResult.Ok;
        Assert.True(_core.Connect(_physical).IsOk);
    });

    [Fact]
    public void Bind_before_connect_is_EINVAL() => Run(() =>
    {
        AddAll();
        Assert.Equal(Errno.EINVAL, _core.TsmBind(_first, _vm0, 8).Errno);
    });

    [Fact]
    public void Bind_when_already_bound_to_another_VM_is_EBUSY() => Run(() =>
    {
        Connected();
        Assert.True(_core.TsmBind(_first, _vm0, 8).IsOk);
        Assert.Equal(Errno.EBUSY, _core.TsmBind(_first, _vm1, 8).Errno);
        Assert.Same(_vm0, _first.Tdi!.Vm);
    });

    [Fact]
    public void Bind_when_already_bound_to_the_same_VM_succeeds_and_calls_nobody() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        int calls = _calls.Count;
        Assert.True(_core.TsmBind(_first, _vm0, 99).IsOk);
        Assert.Equal(calls, _calls.Count);
    });

    [Fact]
    public void A_failed_bind_leaves_the_function_unbound() => Run(() =>
    {
        Connected();
        _driver.BindAnswer = Errno.EIO;
        Assert.Equal(Errno.EIO, _core.TsmBind(_first, _vm0, 8).Errno);
        Assert.Null(_first.Tdi);
    });

    [Fact]
    public void Each_bind_has_an_epoch_of_its_own() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _core.TsmUnbind(_first);
        _core.TsmBind(_first, _vm0, 8);
        Assert.Equal(2, _first.Tdi!.Epoch);
    });

    [Fact]
    public void Unbind_of_an_unbound_function_succeeds_and_calls_nobody() => Run(() =>
    {
        Connected();
        _calls.Clear();
        Assert.True(_core.TsmUnbind(_first).IsOk);
        Assert.Empty(_calls);
    });

    [Fact]
    public void A_teardown_that_fails_quarantines_the_function() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _driver.UnbindAnswer = Errno.EIO;
        Assert.Equal(Errno.EBUSY, _core.TsmUnbind(_first).Errno);
        Assert.True(_first.IsQuarantined);
        Assert.Equal(Errno.EBUSY, _core.TsmBind(_first, _vm0, 8).Errno);
        Assert.True(_core.TsmBind(_second, _vm0, 16).IsOk);
    });

    [Fact]
    public void A_function_that_could_not_be_unbound_stays_bound_until_another_try_succeeds() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _driver.UnbindAnswer = Errno.EIO;
        _core.TsmUnbind(_first);
        Assert.Same(_vm0, _first.Tdi!.Vm);
        Assert.Equal(Errno.ENXIO, _core.TsmGuestReq(_first, 0, [], [], out _).Errno);
        _driver.UnbindAnswer = SysResult.Ok;
        Assert.True(_core.TsmUnbind(_first).IsOk);
        Assert.Null(_first.Tdi);
        Assert.False(_first.IsQuarantined);
        Assert.True(_core.TsmBind(_first, _vm1, 8).IsOk);
    });

    [Fact]
    public void A_device_with_a_TDI_that_can_not_be_unbound_stays_connected_and_its_other_TDIs_are_unbound() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _core.TsmBind(_second, _vm1, 8);
        _driver.Stuck = _first;
        _calls.Clear();
        Assert.Equal(Errno.EBUSY, _core.Disconnect(_physical).Errno);
        Assert.Equal(["unbind 2", "remove 2", "unbind 1"], _calls);
        Assert.True(_physical.IsConnected);
        _driver.Stuck = null;
        Assert.True(_core.Disconnect(_physical).IsOk);
        Assert.False(_physical.IsConnected);
    });

    [Fact]
    public void A_disconnect_that_fails_can_be_tried_again() => Run(() =>
    {
        Connected();
        _driver.DisconnectAnswer = Errno.EIO;
        Assert.Equal(Errno.EIO, _core.Disconnect(_physical).Errno);
        Assert.Equal(Errno.EBUSY, _core.Connect(_physical).Errno);
        _driver.DisconnectAnswer = SysResult.Ok;
        Assert.True(_core.Disconnect(_physical).IsOk);
        Assert.True(_core.Connect(_physical).IsOk);
    });

    [Fact]
    public void A_function_that_can_not_be_unbound_is_not_removed() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _driver.UnbindAnswer = Errno.EIO;
        Assert.Equal(Errno.EBUSY, _core.Remove(_first).Errno);
        Assert.Contains(_first, _core.Functions);
        _driver.UnbindAnswer = SysResult.Ok;
        Assert.True(_core.Remove(_first).IsOk);
    });

    [Fact]
    public void A_guest_request_to_an_unbound_function_is_ENXIO() => Run(() =>
    {
        Connected();
        Assert.Equal(Errno.ENXIO, _core.TsmGuestReq(_first, 0, [], [], out _).Errno);
    });

    [Fact]
    public void Disconnect_unbinds_every_TDI_of_every_VM_before_the_stream_ends() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _core.TsmBind(_second, _vm1, 8);
        _calls.Clear();
        Assert.True(_core.Disconnect(_physical).IsOk);
        Assert.Equal(["unbind 2", "remove 2", "unbind 1", "remove 1", "disconnect 0", "remove 0"], _calls);
        Assert.Equal(Errno.ENXIO, _core.Disconnect(_physical).Errno);
    });

    [Fact]
    public void Removing_a_bound_function_unbinds_it() => Run(() =>
    {
        Connected();
        _core.TsmBind(_first, _vm0, 8);
        _calls.Clear();
        Assert.True(_core.Remove(_first).IsOk);
        Assert.Equal(["unbind 1", "remove 1"], _calls);
    });

    [Fact]
    public void Removing_the_DSM_disconnects_it_and_what_was_below_can_go_after_it() => Run(() =>
    {
        Connected();
        _core.TsmBind(_second, _vm0, 8);
        _calls.Clear();
        Assert.True(_core.Remove(_physical).IsOk);
        Assert.Equal(["unbind 2", "remove 2", "remove 1", "disconnect 0", "remove 0"], _calls);
        Assert.True(_core.Remove(_first).IsOk);
        Assert.Equal(Errno.ENODEV, _core.Remove(_first).Errno);
        Assert.Equal(Errno.EINVAL, _core.TsmBind(_second, _vm0, 8).Errno);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Two_threads_that_bind_one_device_for_two_VMs_give_one_EBUSY(int seed)
    {
        var scheduler = new DeterministicScheduler(seed);
        var hub = new CrossingHub([], null, scheduler);
        var core = new PciTsmCore(_driver, new NoTdiServices(), new LockOrder(scheduler), hub);
        var results = new List<Errno>();
        _driver.WhileBinding = scheduler.Yield;
        scheduler.Start("admin", () =>
        {
            core.Add(_physical);
            core.Add(_first);
            core.Connect(_physical);
            foreach (ConfidentialVm vm in new[] { _vm0, _vm1 })
                scheduler.Start(vm.Name, () => results.Add(core.TsmBind(_first, vm, 8).Errno));
        });
        scheduler.Run();
        Assert.Equal([Errno.Ok, Errno.EBUSY], results.Order());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_unbind_waits_until_a_guest_request_is_served(int seed)
    {
        var scheduler = new DeterministicScheduler(seed);
        var core = new PciTsmCore(_driver, new NoTdiServices(), new LockOrder(scheduler), new CrossingHub([], null, scheduler));
        _driver.WhileServing = () =>
        {
            for (int i = 0; i < 8; i++) scheduler.Yield();
        };
        scheduler.Start("admin", () =>
        {
            core.Add(_physical);
            core.Add(_first);
            core.Connect(_physical);
            core.TsmBind(_first, _vm0, 8);
            scheduler.Start("guest", () => core.TsmGuestReq(_first, 0, [1], [], out _));
            scheduler.Start("vmm", () =>
            {
                scheduler.WaitUntil(() => _calls.Contains("guest_req 1"), "the request");
                core.TsmUnbind(_first);
            });
        });
        scheduler.Run();
        Assert.Equal(["guest_req 1", "served", "unbind 1"], _calls[^3..]);
    }

    private void AddAll()
    {
        foreach (TsmFunction function in new[] { _physical, _first, _second }) Assert.True(_core.Add(function).IsOk);
    }

    private void Connected()
    {
        AddAll();
        Assert.True(_core.Connect(_physical).IsOk);
    }

    /// <summary>Locks belong to tasks, so every test's steps run in one.</summary>
    private void Run(Action steps)
    {
        _scheduler.Start("admin", steps);
        _scheduler.Run();
    }

    private sealed class Vm(ulong id, string name) : ConfidentialVm(id, name);
}
