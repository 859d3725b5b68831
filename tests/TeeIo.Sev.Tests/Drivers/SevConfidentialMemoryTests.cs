using TeeIo.Linux;
using TeeIo.Sev.Guest;
using TeeIo.Sev.Psp;
using TeeIo.Sev.Rmp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>KVM's part: guests, and who owns their pages.</summary>
public sealed class SevConfidentialMemoryTests
{
    private static readonly string[] _launch = ["GCTX_CREATE", "LAUNCH_START", "ACTIVATE", "LAUNCH_UPDATE", "LAUNCH_FINISH"];
    private readonly HostFixture _host = new();

    [Fact]
    public void A_VM_begins_with_its_secrets_page_and_ends_without_a_trace()
    {
        _host.Boot();
        Assert.True(_host.Memory.CreateVm(_host.Vm).IsOk);
        Assert.Equal(_launch, _host.Firmware.Calls);
        Assert.True(_host.Vms.TryTranslate(_host.Vm, SnpGuestConstants.SecretsGpa + 0x20, out ulong hpa));
        Assert.Equal((1u, 0x20UL), (_host.Pages[hpa - 0x20].Asid, hpa % 0x1000));
        byte[] update = _host.Firmware.Buffers.Find(b => b.Name == "LAUNCH_UPDATE").Buffer;
        Assert.Equal((byte)SnpPageType.Secrets << 1, update[8]);

        _host.Firmware.Calls.Clear();
        Assert.True(_host.Memory.DestroyVm(_host.Vm).IsOk);
        Assert.Equal(["DECOMMISSION"], _host.Firmware.Calls);
        Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
        Assert.Null(_host.Vms.ContextOf(_host.Vm));
    }

    [Theory]
    [InlineData("GCTX_CREATE")]
    [InlineData("LAUNCH_START")]
    [InlineData("ACTIVATE")]
    [InlineData("LAUNCH_UPDATE")]
    [InlineData("LAUNCH_FINISH")]
    public void A_launch_that_a_command_breaks_off_leaves_nothing(string command)
    {
        _host.Boot();
        _host.Firmware.Fail(command);
        Assert.Equal(Errno.EIO, _host.Memory.CreateVm(_host.Vm).Errno);
        Assert.Equal((0, 0, 0), (_host.Pages.InUse, _host.Pages.Assigned, _host.Pages.Quarantined.Count));
        _host.Firmware.Script(command);
        Assert.True(_host.Memory.CreateVm(_host.Vm).IsOk);
        Assert.Equal(1u, _host.Known.Asid);
    }

    [Fact]
    public void A_VM_before_the_firmware_is_up_is_EIO() => Assert.Equal(Errno.EIO, _host.Memory.CreateVm(_host.Vm).Errno);

    [Fact]
    public void An_ASID_that_was_used_is_flushed_when_the_firmware_says_so()
    {
        _host.Boot();
        _host.Firmware.Script("ACTIVATE", SevRet.DfflushRequired);
        Assert.True(_host.Memory.CreateVm(_host.Vm).IsOk);
        Assert.Equal(["GCTX_CREATE", "LAUNCH_START", "ACTIVATE", "WBINVD", "DF_FLUSH", "ACTIVATE", "LAUNCH_UPDATE", "LAUNCH_FINISH"], _host.Firmware.Calls);
    }

    [Theory]
    [InlineData(SevRet.DfflushRequired)]
    [InlineData(SevRet.WbinvdRequired)]
    public void Firmware_that_no_flush_contents_is_given_up(SevRet status)
    {
        _host.Boot();
        _host.Firmware.Fail("ACTIVATE", status);
        Assert.Equal(Errno.EIO, _host.Memory.CreateVm(_host.Vm).Errno);
    }

    [Fact]
    public void A_context_that_firmware_keeps_is_quarantined_with_its_ASID()
    {
        _host.Boot();
        _host.Memory.CreateVm(_host.Vm);
        _host.Firmware.Fail("DECOMMISSION");
        Assert.Equal(Errno.EIO, _host.Memory.DestroyVm(_host.Vm).Errno);
        Assert.Single(_host.Pages.Quarantined);
        Assert.Equal(0, _host.Pages.InUse);
        Assert.True(_host.Memory.CreateVm(_host.Vm).IsOk);
        Assert.Equal(2u, _host.Known.Asid);
        Assert.Equal(Errno.EIO, _host.Memory.DestroyVm(_host.Vm).Errno);
        Assert.Equal(Errno.ENOSPC, _host.Memory.CreateVm(_host.Vm).Errno);
    }

    [Fact]
    public void Private_memory_is_the_guest_s_until_it_is_unmapped()
    {
        _host.Boot();
        _host.Memory.CreateVm(_host.Vm);
        ulong page = _host.Pages.Allocate();
        Assert.True(_host.Memory.MapPrivate(_host.Vm, 0x5000, page).IsOk);
        Assert.True(_host.Pages[page] is { Assigned: true, Immutable: false, Asid: 1 });
        Assert.True(_host.Vms.TryTranslate(_host.Vm, 0x5123, out ulong hpa));
        Assert.Equal(page + 0x123, hpa);
        Assert.Equal(Errno.EIO, _host.Memory.MapPrivate(_host.Vm, 0x5000, _host.Pages.Allocate()).Errno);
        Assert.Equal(Errno.EIO, _host.Memory.MapPrivate(_host.Vm, 0x6001, page).Errno);
        Assert.True(_host.Memory.UnmapPrivate(_host.Vm, 0x5000).IsOk);
        Assert.False(_host.Pages[page].Assigned);
        Assert.False(_host.Vms.TryTranslate(_host.Vm, 0x5123, out _));
        Assert.True(_host.Memory.UnmapPrivate(_host.Vm, 0x5000).IsOk);
    }

    [Fact]
    public void A_page_that_stays_the_guest_s_is_quarantined()
    {
        _host.Boot();
        _host.Memory.CreateVm(_host.Vm);
        ulong page = _host.Pages.Allocate();
        _host.Memory.MapPrivate(_host.Vm, 0x5000, page);
        _host.Pages.Results.Enqueue(RmpResult.FailPermission);
        Assert.Equal(Errno.EIO, _host.Memory.UnmapPrivate(_host.Vm, 0x5000).Errno);
        Assert.Equal([page], _host.Pages.Quarantined);
        Assert.False(_host.Vms.TryTranslate(_host.Vm, 0x5000, out _));
    }

    [Fact]
    public void RMPUPDATE_that_another_CPU_is_in_the_way_of_is_tried_again_for_a_while()
    {
        _host.Boot();
        _host.Memory.CreateVm(_host.Vm);
        ulong page = _host.Pages.Allocate();
        _host.Pages.Results.Enqueue(RmpResult.FailInuse);
        _host.Pages.Results.Enqueue(RmpResult.FailOverlap);
        Assert.True(_host.Memory.MapPrivate(_host.Vm, 0x5000, page).IsOk);
        for (int i = 0; i < 100; i++) _host.Pages.Results.Enqueue(RmpResult.FailInuse);
        Assert.Equal(Errno.EIO, _host.Memory.MapPrivate(_host.Vm, 0x6000, _host.Pages.Allocate()).Errno);
        Assert.NotEmpty(_host.Pages.Results);
    }

    [Fact]
    public void Private_MMIO_is_immutable_until_it_is_reclaimed_and_again_for_the_next_message()
    {
        _host.Bound();
        for (int i = 0; i < 2; i++)
        {
            Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 2).IsOk);
            Assert.True(_host.Pages[HostFixture.Mmio + 0x1000] is { Assigned: true, Immutable: true, Asid: 1 });
            Assert.True(_host.Memory.ReclaimMmio(_host.Vm, HostFixture.Gpa, 2).IsOk);
            Assert.True(_host.Pages[HostFixture.Mmio + 0x1000] is { Assigned: true, Immutable: false, Asid: 1 });
        }

        Assert.True(_host.Vms.TryTranslate(_host.Vm, HostFixture.Gpa + 0x1008, out ulong hpa));
        Assert.Equal(HostFixture.Mmio + 0x1008, hpa);
        Assert.True(_host.Memory.UnmapMmio(_host.Vm, HostFixture.Gpa, 2).IsOk);
        Assert.False(_host.Pages[HostFixture.Mmio].Assigned);
        Assert.False(_host.Vms.TryTranslate(_host.Vm, HostFixture.Gpa, out _));
    }

    [Fact]
    public void MMIO_that_no_bound_TDI_of_the_VM_has_is_not_mapped()
    {
        _host.Connected();
        Assert.Equal(Errno.EIO, _host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 1).Errno);
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.Equal(Errno.EIO, _host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio + 0x3000, 1).Errno);
        Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 1).IsOk);
        Assert.Equal(Errno.EIO, _host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio + 0x1000, 1).Errno);
    }

    [Fact]
    public void A_range_of_MMIO_that_ends_outside_the_TDI_is_not_mapped_at_all()
    {
        _host.Bound();
        Assert.Equal(Errno.EIO, _host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 4).Errno);
        Assert.All(_host.MmioPages(default), page => Assert.False(_host.Pages[page].Assigned));
        Assert.False(_host.Vms.TryTranslate(_host.Vm, HostFixture.Gpa, out _));
    }

    [Fact]
    public void MMIO_that_stays_the_guest_s_is_out_of_reach_and_is_reported()
    {
        _host.Bound();
        Assert.True(_host.Memory.MapMmio(_host.Vm, HostFixture.Gpa, HostFixture.Mmio, 1).IsOk);
        _host.Firmware.Fail("PAGE_RECLAIM");
        Assert.Equal(Errno.EIO, _host.Memory.ReclaimMmio(_host.Vm, HostFixture.Gpa, 1).Errno);
        Assert.Equal(Errno.EIO, _host.Memory.UnmapMmio(_host.Vm, HostFixture.Gpa, 1).Errno);
        Assert.False(_host.Vms.TryTranslate(_host.Vm, HostFixture.Gpa, out _));
        _host.Firmware.Script("PAGE_RECLAIM");
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.False(_host.Pages[HostFixture.Mmio].Assigned);
    }

    [Fact]
    public void A_VM_with_a_TDI_is_not_destroyed()
    {
        _host.Bound();
        Assert.Equal(Errno.EBUSY, _host.Memory.DestroyVm(_host.Vm).Errno);
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.True(_host.Memory.DestroyVm(_host.Vm).IsOk);
    }
}
