using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Psp;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>The host's TSM driver: order of its commands, and what is left where one fails.</summary>
public sealed class SevHostTsmTests
{
    private static readonly string[] _connect = ["DEV_CREATE", "stream open", "DEV_CONNECT", "DEV_MEASUREMENTS", "stream on"];
    private static readonly string[] _unbind = ["TDI_UNBIND", "TDI_STATUS", "TDI_RECLAIM", "ASID_FENCE_STATUS"];
    private readonly HostFixture _host = new();

    [Fact]
    public void Probe_wants_a_mailbox_with_SPDM_and_sessions()
    {
        _host.Boot();
        Assert.Equal(Errno.ENXIO, _host.Host.Probe(_host.Virtual).Errno);
        Assert.Equal(Errno.ENODEV, _host.Host.Probe(new TsmFunction(PciAddress.Of(0, 2, 0, 0), null, null)).Errno);
        Assert.Equal(Errno.ENXIO, _host.Host.Probe(new TsmFunction(PciAddress.Of(0, 2, 0, 1), null, _host)).Errno);
        _host.Types = [DoeObjectType.Discovery, DoeObjectType.Spdm];
        Assert.Equal(Errno.ENODEV, _host.Host.Probe(_host.Physical).Errno);
        _host.Types = [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm];
        Assert.True(_host.Host.Probe(_host.Physical).IsOk);
        Assert.True(_host.Host.Probe(_host.Virtual).IsOk);
    }

    [Fact]
    public void Probe_before_the_firmware_is_up_is_ENXIO() => Assert.Equal(Errno.ENXIO, _host.Host.Probe(_host.Physical).Errno);

    [Fact]
    public void Connect_opens_the_stream_before_the_firmware_connects_and_disconnect_undoes_it()
    {
        _host.Boot();
        _host.Host.Probe(_host.Physical);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Equal(_connect, _host.Firmware.Calls);
        byte[] create = _host.Firmware.Buffers.Find(b => b.Name == "DEV_CREATE").Buffer;
        Assert.Equal("00010300", Convert.ToHexString(create[16..20]));
        byte[] connect = _host.Firmware.Buffers.Find(b => b.Name == "DEV_CONNECT").Buffer;
        Assert.Equal("0100000000000000" + "00FFFFFFFFFFFFFF", Convert.ToHexString(connect[56..72]));

        _host.Firmware.Calls.Clear();
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal(["DEV_DISCONNECT", "DEV_RECLAIM", "stream close"], _host.Firmware.Calls);
        Assert.Equal(["open 0 100-107", "close 0"], _host.Streams);
        Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData("DEV_CREATE")]
    [InlineData("DEV_CONNECT")]
    [InlineData("DEV_MEASUREMENTS")]
    public void Connect_that_a_command_breaks_off_leaves_nothing(string command)
    {
        _host.Boot();
        _host.Firmware.Fail(command);
        _host.Host.Probe(_host.Physical);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void Connect_without_a_free_stream_is_ENOSPC_and_leaves_nothing()
    {
        _host.Boot();
        _host.StreamError = Errno.ENOSPC;
        _host.Host.Probe(_host.Physical);
        Assert.Equal(Errno.ENOSPC, _host.Host.Connect(_host.Physical).Errno);
        Assert.DoesNotContain("DEV_CONNECT", _host.Firmware.Calls);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void Connect_without_memory_is_ENOSPC_however_much_there_was()
    {
        _host.Boot();
        _host.Host.Probe(_host.Physical);
        for (int left = 0; ; left++)
        {
            _host.Pages.Left = left;
            SysResult result = _host.Host.Connect(_host.Physical);
            if (result.IsOk) return;
            Assert.Equal((Errno.ENOSPC, 0, 0), (result.Errno, _host.Pages.InUse, _host.Pages.Quarantined.Count));
        }
    }

    [Fact]
    public void A_device_that_does_not_disconnect_is_disconnected_by_force()
    {
        _host.Connected();
        _host.Firmware.Script("DEV_DISCONNECT", SevRet.SpdmError);
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal(["DEV_DISCONNECT", "DEV_DISCONNECT", "DEV_RECLAIM", "stream close"], _host.Firmware.Calls);
        Assert.Equal([0, 1], _host.Firmware.Buffers.Where(b => b.Name == "DEV_DISCONNECT").Select(b => (int)b.Buffer[4]));
    }

    [Theory]
    [InlineData("DEV_RECLAIM", 2)]
    [InlineData("PAGE_RECLAIM", 6)]
    public void Disconnect_that_fails_leaves_what_firmware_may_own_in_quarantine(string command, int least)
    {
        _host.Connected();
        int vm = _host.Pages.InUse;
        _host.Firmware.Fail(command);
        Assert.Equal(Errno.EIO, _host.Host.Disconnect(_host.Physical).Errno);
        Assert.True(_host.Pages.Quarantined.Count >= least);
        Assert.True(_host.Pages.InUse < vm);
    }

    [Fact]
    public void A_page_that_the_firmware_keeps_once_is_asked_for_again()
    {
        _host.Connected();
        Assert.True(_host.Memory.DestroyVm(_host.Vm).IsOk);
        _host.Firmware.Script("PAGE_RECLAIM", SevRet.InvalidPageState);
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void Bind_locks_and_asks_the_device_and_unbind_reclaims()
    {
        _host.Connected();
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.Equal(["TDI_CREATE", "TDI_BIND", "TDI_STATUS"], _host.Firmware.Calls);
        byte[] bind = _host.Firmware.Buffers.Find(b => b.Name == "TDI_BIND").Buffer;
        Assert.Equal(_host.Vms.ContextOf(_host.Vm), BitConverter.ToUInt64(bind, 56));
        Assert.Equal("2000" + "0100" + "0000", Convert.ToHexString(bind[64..70]));
        Assert.Equal(1, _host.Known.TdiCount);

        _host.Firmware.Calls.Clear();
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(_unbind, _host.Firmware.Calls);
        Assert.Equal((inUse, 0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count, _host.Known.TdiCount));
    }

    [Theory]
    [InlineData("TDI_CREATE")]
    [InlineData("TDI_BIND")]
    [InlineData("TDI_STATUS")]
    public void Bind_that_a_command_breaks_off_leaves_nothing(string command)
    {
        _host.Connected();
        int inUse = _host.Pages.InUse;
        _host.Firmware.Fail(command);
        Assert.Equal(Errno.EIO, _host.Host.Bind(_host.Tdi).Errno);
        Assert.Equal((inUse, 0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count, _host.Known.TdiCount));
        Assert.Equal(command != "TDI_CREATE", _host.Firmware.Calls.Contains("TDI_RECLAIM"));
    }

    [Fact]
    public void A_TDI_that_is_not_locked_after_its_bind_is_not_bound()
    {
        _host.Connected();
        _host.Firmware.Output = output =>
        {
            _host.Firmware.State = TdiState.Run;
            return output;
        };
        Assert.Equal(Errno.EIO, _host.Host.Bind(_host.Tdi).Errno);
        Assert.Contains("TDI_UNBIND", _host.Firmware.Calls);
        Assert.Contains("TDI_RECLAIM", _host.Firmware.Calls);
        Assert.Equal(0, _host.Known.TdiCount);
    }

    [Fact]
    public void Bind_of_a_function_that_has_a_context_is_EBUSY()
    {
        _host.Connected();
        _host.Firmware.Fail("TDI_CREATE", SevRet.InUse);
        Assert.Equal(Errno.EBUSY, _host.Host.Bind(_host.Tdi).Errno);
    }

    [Fact]
    public void A_device_that_does_not_unlock_is_unbound_by_force()
    {
        _host.Bound();
        _host.Firmware.Script("TDI_UNBIND", SevRet.SpdmError);
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(["TDI_UNBIND", .. _unbind], _host.Firmware.Calls);
        Assert.Equal([0, 1], _host.Firmware.Buffers.Where(b => b.Name == "TDI_UNBIND").Select(b => (int)b.Buffer[4]));
    }

    [Fact]
    public void A_device_that_is_gone_is_unbound_by_force_and_reported()
    {
        _host.Bound();
        int inUse = _host.Pages.InUse;
        _host.Device = static _ => null;
        _host.Firmware.Script("TDI_UNBIND", SevRet.SpdmRequest, SevRet.SpdmError, SevRet.SpdmRequest);
        _host.Firmware.Script("TDI_STATUS", SevRet.SpdmRequest, SevRet.SpdmError);
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.Equal((inUse - 1, 0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count, _host.Known.TdiCount));
    }

    [Fact]
    public void A_device_that_stopped_and_is_not_heard_of_again_is_unbound()
    {
        _host.Bound();
        int inUse = _host.Pages.InUse;
        _host.Firmware.Fail("TDI_STATUS", SevRet.SpdmError);
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(_unbind, _host.Firmware.Calls);
        Assert.Equal((inUse - 1, 0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count, _host.Known.TdiCount));
    }

    [Fact]
    public void A_device_that_says_it_is_still_locked_is_reported()
    {
        _host.Bound();
        _host.Firmware.IsStubborn = true;
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.Contains("TDI_RECLAIM", _host.Firmware.Calls);
        Assert.Equal(0, _host.Known.TdiCount);
        Assert.True(_host.Tdi.Function.NeedsReset);
    }

    [Fact]
    public void A_TDI_that_firmware_keeps_bound_keeps_its_MMIO()
    {
        _host.Bound();
        Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 1).IsOk);
        _host.Firmware.Fail("TDI_UNBIND");
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.DoesNotContain("TDI_RECLAIM", _host.Firmware.Calls);
        Assert.NotEmpty(_host.Pages.Quarantined);
        Assert.True(_host.Pages[HostFixture.Mmio].Assigned);
        Assert.Equal(Errno.EIO, _host.Memory.MapMmio(_host.Vm, HostFixture.Gpa + 0x1000, HostFixture.Mmio + 0x1000, 1).Errno);
    }

    [Fact]
    public void A_VM_that_ends_with_a_TDI_that_firmware_keeps_is_quarantined_with_it()
    {
        _host.Bound();
        _host.Firmware.Fail("TDI_UNBIND");
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        ulong context = _host.Known.Context;
        Assert.Equal(Errno.EIO, _host.Memory.DestroyVm(_host.Vm).Errno);
        Assert.Contains(context, _host.Pages.Quarantined);
        Assert.DoesNotContain("DECOMMISSION", _host.Firmware.Calls);
    }

    [Fact]
    public void A_TDI_that_firmware_does_not_forget_is_quarantined()
    {
        _host.Bound();
        _host.Firmware.Fail("TDI_RECLAIM");
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.Single(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData(AsidFenceDma.Error, AsidFenceMmio.NotFenced)]
    [InlineData(AsidFenceDma.NotFenced, AsidFenceMmio.Fenced)]
    [InlineData(AsidFenceDma.Reserved, AsidFenceMmio.NotFenced)]
    public void A_fence_is_lifted_whichever_traffic_it_stops(AsidFenceDma dma, AsidFenceMmio mmio)
    {
        _host.Bound();
        _host.Firmware.Fence = (dma, mmio);
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal([.. _unbind, "ASID_FENCE_CLEAR"], _host.Firmware.Calls);
    }

    [Fact]
    public void A_fence_that_stays_is_reported()
    {
        _host.Bound();
        _host.Firmware.Fence = (AsidFenceDma.Error, AsidFenceMmio.NotFenced);
        _host.Firmware.Fail("ASID_FENCE_CLEAR", SevRet.InvalidTdiState);
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.Equal(0, _host.Known.TdiCount);
    }

    [Fact]
    public void Unbind_makes_the_guest_s_MMIO_the_host_s_even_if_a_message_about_it_was_never_answered()
    {
        _host.Bound();
        Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 3).IsOk);
        Assert.True(_host.Memory.ReclaimMmio(_host.Vm, HostFixture.Gpa, 1).IsOk);
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.All(_host.MmioPages(default), page => Assert.False(_host.Pages[page].Assigned));
        Assert.False(_host.Vms.TryTranslate(_host.Vm, HostFixture.Gpa, out _));
        Assert.True(_host.Memory.UnmapMmio(_host.Vm, HostFixture.Gpa, 3).IsOk);
    }

    [Fact]
    public void Unbind_goes_on_with_MMIO_that_the_reverse_map_table_kept_and_is_done_when_it_is_the_host_s()
    {
        _host.Bound();
        Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 2).IsOk);
        _host.Pages.Refuses = page => page == HostFixture.Mmio;
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
            Assert.True(_host.Pages[HostFixture.Mmio].Assigned);
        }

        _host.Pages.Refuses = null;
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.All(_host.MmioPages(default), page => Assert.False(_host.Pages[page].Assigned));
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
    }

    [Fact]
    public void A_second_life_is_like_the_first()
    {
        _host.Boot();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(_host.Memory.CreateVm(_host.Vm).IsOk);
            Assert.True(_host.Host.Probe(_host.Physical).IsOk);
            Assert.True(_host.Host.Connect(_host.Physical).IsOk);
            Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
            Assert.True(_host.GoBack());
            Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
        }
    }
}
