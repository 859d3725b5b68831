using TeeIo.Linux;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Status;
using TeeIo.Tsm;
using TeeIo.Tsm.Evidence;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The host's TSM driver: order of its calls, and what is left where one fails.</summary>
public class TdxHostTsmTests
{
    private readonly HostFixture _host = new();

    [Fact]
    public void Connect_makes_session_then_stream_then_keys_and_disconnect_undoes_them_in_reverse()
    {
        _host.Module.Script("SPDM.CONNECT", TdxStatus.InterruptedResumable, TdxStatus.SpdmRequest);
        Assert.True(_host.Host.Probe(_host.Physical).IsOk);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Equal(["SPDM.CREATE", "SPDM.CONNECT", "SPDM.CONNECT", "SPDM.CONNECT", "IDE.STREAM.CREATE", "IDE.STREAM.KM"], _host.Module.Calls);
        Assert.Equal(1, _host.Messages);

        _host.Module.Calls.Clear();
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal(
            ["IDE.STREAM.KM", "IDE.STREAM.BLOCK", "IDE.STREAM.DELETE", "PHYMEM.PAGE.WBINVD", "SPDM.DISCONNECT", "SPDM.DELETE", "PHYMEM.PAGE.WBINVD"], _host.Module.Calls);
        _host.Host.Remove(_host.Physical);
        Assert.Equal(0, _host.Pages.InUse);
    }

    [Theory]
    [InlineData("SPDM.CREATE")]
    [InlineData("SPDM.CONNECT")]
    [InlineData("IDE.STREAM.CREATE")]
    [InlineData("IDE.STREAM.KM")]
    public void Connect_that_fails_leaves_nothing(string leaf)
    {
        _host.Module.Fail(leaf);
        _host.Host.Probe(_host.Physical);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        _host.Host.Remove(_host.Physical);
        Assert.Equal(0, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData("IDE.STREAM.DELETE")]
    [InlineData("SPDM.DELETE")]
    [InlineData("PHYMEM.PAGE.WBINVD")]
    public void Disconnect_that_fails_leaves_what_firmware_may_own_in_quarantine(string leaf)
    {
        _host.Host.Probe(_host.Physical);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        _host.Module.Fail(leaf);
        Assert.Equal(Errno.EIO, _host.Host.Disconnect(_host.Physical).Errno);
        _host.Host.Remove(_host.Physical);
        Assert.Equal(0, _host.Pages.InUse);
        Assert.NotEmpty(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData(TdxStatus.SpdmRequest)]
    [InlineData(TdxStatus.InterruptedResumable)]
    [InlineData(TdxStatus.OperandBusy)]
    [InlineData(TdxStatus.SpdmSessionKeyRequireRefresh)]
    public void A_module_that_never_comes_to_an_end_is_given_up(TdxStatus status)
    {
        _host.Module.Fail("SPDM.CONNECT", status);
        _host.Host.Probe(_host.Physical);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
    }

    [Fact]
    public void Used_up_keys_are_updated_and_the_call_goes_on()
    {
        _host.Start();
        _host.Module.Calls.Clear();
        _host.Module.Script("TDI.BIND", TdxStatus.SpdmSessionKeyRequireRefresh, TdxStatus.SpdmRequest);
        _host.Module.Script("SPDM.MNG", TdxStatus.SpdmRequest);
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.Equal(["TDI.BIND", "SPDM.MNG", "SPDM.MNG", "TDI.BIND", "TDI.BIND"], _host.Module.Calls[^5..]);
    }

    [Fact]
    public void Bind_owns_before_it_locks_and_unbind_stops_before_it_takes_anything_away()
    {
        _host.Start();
        _host.Module.Calls.Clear();
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.Equal(["TDIMT.ADD", "TDI.CREATE", "MMIOMT.SET", "MMIOMT.ADD", "MMIOMT.SET", "MMIOMT.SET", "TDI.BIND"], _host.Module.Calls);
        int inUse = _host.Pages.InUse;

        _host.Module.Calls.Clear();
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(
            [
                "TDI.STOP", "disable_mmio", "disable_dma", "MMIOMT.SET", "MMIOMT.SET", "MMIOMT.REMOVE", "TDI.REMOVE", "TDIMT.REMOVE",
                "PHYMEM.PAGE.WBINVD", "PHYMEM.PAGE.WBINVD", "PHYMEM.PAGE.WBINVD", "enable_mmio",
            ],
            _host.Module.Calls);
        Assert.Equal(inUse - 3, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData("TDIMT.ADD")]
    [InlineData("TDI.CREATE")]
    [InlineData("MMIOMT.ADD")]
    [InlineData("TDI.BIND")]
    public void Bind_that_fails_leaves_nothing(string leaf)
    {
        _host.Start();
        int inUse = _host.Pages.InUse;
        _host.Module.Fail(leaf);
        Assert.Equal(Errno.EIO, _host.Host.Bind(_host.Tdi).Errno);
        Assert.Equal(inUse, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
    }

    [Fact]
    public void Bind_of_a_function_that_has_an_owner_is_EBUSY()
    {
        _host.Start();
        _host.Module.Fail("TDI.CREATE", TdxStatus.TdiInvalidState);
        Assert.Equal(Errno.EBUSY, _host.Host.Bind(_host.Tdi).Errno);
    }

    [Theory]
    [InlineData("IDE.STREAM.BLOCK", 6)]
    [InlineData("disable_mmio", 3)]
    [InlineData("disable_dma", 6)]
    [InlineData("MMIOMT.REMOVE", 3)]
    [InlineData("TDI.REMOVE", 3)]
    [InlineData("TDIMT.REMOVE", 3)]
    [InlineData("PHYMEM.PAGE.WBINVD", 3)]
    public void Unbind_that_fails_leaves_the_TDI_s_pages_in_quarantine(string step, int pages)
    {
        if (step == "IDE.STREAM.BLOCK") _host.Module.Fail("TDI.STOP");
        _host.Start();
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        _host.Module.Fail(step);
        _host.FailingService = step;
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
        Assert.Equal(pages, _host.Pages.Quarantined.Count);
        Assert.Equal(inUse - (pages - 3), _host.Pages.InUse);
        Assert.DoesNotContain("enable_mmio", _host.Module.Calls);
        Assert.Equal(Errno.EIO, _host.Host.Unbind(_host.Tdi, _host).Errno);
    }

    [Fact]
    public void A_device_that_can_not_be_stopped_has_its_stream_blocked_and_must_be_reset()
    {
        _host.Start();
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        _host.Module.Fail("TDI.STOP", TdxStatus.SpdmInvalidState);
        _host.Module.Calls.Clear();
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(["TDI.STOP", "IDE.STREAM.BLOCK", "disable_mmio", "disable_dma"], _host.Module.Calls.Take(4));
        Assert.DoesNotContain("enable_mmio", _host.Module.Calls);
        Assert.True(_host.Tdi.Function.NeedsReset);
        Assert.Equal(inUse, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.DoesNotContain("IDE.STREAM.KM", _host.Module.Calls);
    }

    [Fact]
    public void A_lock_that_breaks_off_and_can_not_be_stopped_ends_with_the_stream_blocked()
    {
        _host.Start();
        int inUse = _host.Pages.InUse;
        _host.Module.Fail("TDI.BIND");
        _host.Module.Fail("TDI.STOP", TdxStatus.SpdmInvalidState);
        Assert.Equal(Errno.EIO, _host.Host.Bind(_host.Tdi).Errno);
        Assert.Contains("IDE.STREAM.BLOCK", _host.Module.Calls);
        Assert.True(_host.Tdi.Function.NeedsReset);
        Assert.Equal(inUse, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
    }

    [Fact]
    public void MMIO_of_a_TDI_that_runs_is_not_taken_away()
    {
        _host.Start();
        Assert.True(_host.Host.Bind(_host.Tdi).IsOk);
        Assert.True(_host.Memory.MapMmio(_host.Vm, 0x10_0000, 0x8000_0000, 1).IsOk);
        Assert.Equal(Errno.EIO, _host.Memory.UnmapMmio(_host.Vm, 0x10_0000, 1).Errno);
        Assert.DoesNotContain("MMIO.BLOCK", _host.Module.Calls);
    }

    [Fact]
    public void A_request_for_certificates_or_measurements_returns_its_part_of_what_connect_collected()
    {
        _host.Start();
        _host.Host.Bind(_host.Tdi);
        byte[] response = new byte[100];
        Assert.Equal(40, _host.Host.GuestReq(_host.Tdi, 0, Request(GuestRequestOperation.InfoCertificates), response, out _).Value);
        Assert.Equal([.. Enumerable.Repeat((byte)0xCE, 60), .. new byte[40]], response);
        Assert.Equal(68, _host.Host.GuestReq(_host.Tdi, 0, Request(GuestRequestOperation.InfoMeasurements), response, out _).Value);
        Assert.Equal(0x3E, response[31]);
        Assert.Equal(Errno.ENOSPC, _host.Host.GuestReq(_host.Tdi, 0, Request(GuestRequestOperation.InfoCertificates), response.AsSpan(..59), out _).Errno);
    }

    [Fact]
    public void Device_information_that_its_lengths_do_not_cover_ends_the_connect_and_leaves_nothing()
    {
        _host.Module.DeviceInfo = [61, 0, 0, 0, 32, 0, 0, 0, .. new byte[92]];
        Assert.True(_host.Host.Probe(_host.Physical).IsOk);
        int inUse = _host.Pages.InUse;
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal(inUse, _host.Pages.InUse);
        Assert.Empty(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData(EvidenceObject.Cert0, 60)]
    [InlineData(EvidenceObject.Measurements, 32)]
    public void Evidence_is_there_from_the_connect_on(EvidenceObject type, int length)
    {
        var evidence = new TdxHostEvidence(_host.Host);
        byte[] response = new byte[100];
        Assert.Equal(Errno.ENXIO, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, type, [], response).Errno);
        _host.Start();
        Assert.Equal(length, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, type, [], response).Value);
        Assert.Equal(Errno.ENOSPC, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, type, [], response.AsSpan(..(length - 1))).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, type, [1], response).Errno);
        Assert.Equal(Errno.ENXIO, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, EvidenceObject.Cert1, [], response).Errno);
        Assert.Equal(Errno.ENXIO, ((IHostEvidence)evidence).RefreshEvidence(_host.Virtual, EvidenceObject.Report, [], response).Errno);
    }

    [Fact]
    public void Acceptance_adds_one_DMA_entry_however_often_it_is_asked_for()
    {
        _host.Start();
        _host.Host.Bind(_host.Tdi);
        _host.Module.Calls.Clear();
        for (int i = 0; i < 3; i++) Assert.True(_host.Host.GuestReq(_host.Tdi, 0, Request(GuestRequestOperation.AcceptDma), default, out _).IsOk);
        Assert.Equal(["DMAR.ADD"], _host.Module.Calls);
    }

    [Fact]
    public void A_refused_start_tells_the_module_s_own_word()
    {
        _host.Start();
        _host.Host.Bind(_host.Tdi);
        _host.Module.Fail("TDI.START", TdxStatus.TdiInvalidState);
        Assert.Equal(Errno.EIO, _host.Host.GuestReq(_host.Tdi, 0, Request(GuestRequestOperation.Start), default, out ulong code).Errno);
        Assert.Equal((ulong)TdxStatus.TdiInvalidState, code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    public void A_request_of_the_wrong_size_is_EINVAL(int size)
    {
        _host.Start();
        _host.Host.Bind(_host.Tdi);
        Assert.Equal(Errno.EINVAL, _host.Host.GuestReq(_host.Tdi, 0, new byte[size], default, out _).Errno);
    }

    [Fact]
    public void Tables_above_a_TDI_go_bottom_up_each_blocked_invalidated_and_removed()
    {
        _host.Start();
        _host.Module.Calls.Clear();
        int inUse = _host.Pages.InUse;
        Assert.True(_host.Iommu.TearDown(_host.Virtual, _host.Vm).IsOk);
        string[] level = ["DMAR.BLOCK", "IQ.INV.REQUEST", "IQ.INV.PROCESS", "DMAR.REMOVE", "PHYMEM.PAGE.WBINVD"];
        Assert.Equal([.. level, .. level, .. level], _host.Module.Calls);
        Assert.Equal(inUse - 3, _host.Pages.InUse);
    }

    [Fact]
    public void Private_MMIO_is_blocked_tracked_in_CPU_and_IOMMU_and_then_unmapped()
    {
        _host.Start();
        Assert.True(_host.Memory.MapMmio(_host.Vm, 0x4000_0000, 0x8000_0000, 2).IsOk);
        _host.Module.Calls.Clear();
        Assert.True(_host.Memory.UnmapMmio(_host.Vm, 0x4000_0000, 2).IsOk);
        Assert.Equal(["MMIO.BLOCK", "MMIO.BLOCK", "MEM.TRACK", "IQ.INV.REQUEST", "IQ.INV.PROCESS", "MMIO.UNMAP", "MMIO.UNMAP"], _host.Module.Calls);
    }

    [Fact]
    public void A_VM_with_a_TDI_is_not_destroyed()
    {
        _host.Start();
        _host.Host.Bind(_host.Tdi);
        Assert.Equal(Errno.EBUSY, _host.Memory.DestroyVm(_host.Vm).Errno);
        _host.Host.Unbind(_host.Tdi, _host);
        Assert.True(_host.Memory.DestroyVm(_host.Vm).IsOk);
    }

    private static byte[] Request(GuestRequestOperation operation)
    {
        byte[] request = new byte[TdxGuestRequest.ByteSize];
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = operation }.Write(request);
        return request;
    }
}
