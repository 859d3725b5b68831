using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Pci.Tdisp;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>Requests about a bound TDI.</summary>
public sealed class GuestRequestTests
{
    private readonly HostFixture _host = new HostFixture().Bound();
    private readonly byte[] _response = new byte[64];

    [Theory]
    [InlineData(SevRequestOperation.Certificates, "certificates")]
    [InlineData(SevRequestOperation.Measurements, "stale")]
    [InlineData(SevRequestOperation.Report, "report")]
    public void Evidence_is_what_the_firmware_gave(SevRequestOperation operation, string expected)
    {
        SysResult result = _host.Ask(operation, _response, out _);
        Assert.Equal(64 - expected.Length, result.Value);
        Assert.Equal(System.Text.Encoding.ASCII.GetBytes(expected), _response[..expected.Length]);
        Assert.Empty(_host.Firmware.Calls);
        Assert.Equal(Errno.ENOSPC, _host.Ask(operation, _response.AsSpan(..(expected.Length - 1)), out _).Errno);
    }

    [Fact]
    public void Measurements_with_a_nonce_are_fresh_and_stay_so()
    {
        Assert.True(_host.Ask(SevRequestOperation.Measurements, _response, out _, static asked => asked[0].Nonce[0] = 7).IsOk);
        Assert.Equal(["DEV_MEASUREMENTS"], _host.Firmware.Calls);
        Assert.Equal("fresh"u8, _response.AsSpan(..5));
        Assert.True(_host.Ask(SevRequestOperation.Measurements, _response, out _).IsOk);
        Assert.Equal(["DEV_MEASUREMENTS"], _host.Firmware.Calls);
        Assert.Equal("fresh"u8, _response.AsSpan(..5));
    }

    [Fact]
    public void Run_asks_for_the_state_and_starts_a_locked_TDI_once()
    {
        Assert.True(_host.Ask(SevRequestOperation.Run, default, out _).IsOk);
        Assert.Equal(["TDI_STATUS", "TDI_BIND"], _host.Firmware.Calls);
        Assert.Equal(TdiState.Run, _host.Tdi.State);
        Assert.True(_host.Ask(SevRequestOperation.Run, default, out _).IsOk);
        Assert.Equal(["TDI_STATUS", "TDI_BIND", "TDI_STATUS"], _host.Firmware.Calls);
    }

    [Theory]
    [InlineData(TdiState.ConfigUnlocked)]
    [InlineData(TdiState.Error)]
    public void A_TDI_that_is_not_locked_does_not_run(TdiState state)
    {
        _host.Firmware.State = state;
        Assert.Equal(Errno.EIO, _host.Ask(SevRequestOperation.Run, default, out _).Errno);
        Assert.DoesNotContain("TDI_BIND", _host.Firmware.Calls);
    }

    [Fact]
    public void Stop_unlocks_without_force_and_unbind_does_not_do_it_again()
    {
        Assert.True(_host.Ask(SevRequestOperation.Stop, default, out _).IsOk);
        Assert.True(_host.Ask(SevRequestOperation.Stop, default, out _).IsOk);
        Assert.Equal(["TDI_UNBIND"], _host.Firmware.Calls);
        Assert.Equal(TdiState.ConfigUnlocked, _host.Tdi.State);
        Assert.Equal(1, _host.Known.TdiCount);
        _host.Firmware.Calls.Clear();
        Assert.True(_host.Host.Unbind(_host.Tdi, _host).IsOk);
        Assert.Equal(["TDI_STATUS", "TDI_RECLAIM", "ASID_FENCE_STATUS"], _host.Firmware.Calls);
    }

    [Fact]
    public void Stop_that_fails_is_EIO_with_the_firmware_s_word_and_uses_no_force()
    {
        _host.Firmware.Fail("TDI_UNBIND", SevRet.SpdmError);
        Assert.Equal(Errno.EIO, _host.Ask(SevRequestOperation.Stop, default, out ulong code).Errno);
        Assert.Equal((ulong)SevRet.SpdmError, code);
        Assert.Equal(["TDI_UNBIND"], _host.Firmware.Calls);
    }

    [Fact]
    public void State_is_the_device_s_own()
    {
        _host.Firmware.State = TdiState.Error;
        Assert.Equal(63, _host.Ask(SevRequestOperation.State, _response, out _).Value);
        Assert.Equal((byte)TdiState.Error, _response[0]);
        Assert.Equal(TdiState.Error, _host.Tdi.State);
        Assert.Equal(Errno.ENOSPC, _host.Ask(SevRequestOperation.State, default, out _).Errno);
    }

    [Fact]
    public void A_state_that_there_is_not_is_EIO()
    {
        _host.Firmware.State = (TdiState)4;
        Assert.Equal(Errno.EIO, _host.Ask(SevRequestOperation.State, _response, out _).Errno);
    }

    [Fact]
    public void The_name_is_the_context_s_address()
    {
        Assert.Equal(56, _host.Ask(SevRequestOperation.TdiId, _response, out _).Value);
        byte[] bind = _host.Firmware.Buffers.Find(b => b.Name == "TDI_BIND").Buffer;
        Assert.Equal(BitConverter.ToUInt64(bind, 48), BitConverter.ToUInt64(_response));
    }

    [Fact]
    public void A_message_goes_through_pages_of_the_host_s_own()
    {
        (ulong request, ulong response) = (_host.Pages.Allocate(), _host.Pages.Allocate());
        int inUse = _host.Pages.InUse;
        _host.Pages.Write(request, [1, 2, 3]);
        using (_host.Known.Announce(request, response))
            Assert.Equal(56, Pass(request, response, out _).Value);
        Assert.Equal(["GUEST_REQUEST"], _host.Firmware.Calls);
        byte[] page = new byte[0x1000];
        _host.Pages.Read(response, page);
        Assert.Equal(new byte[] { 3, 2, 1 }, page[^3..]);
        Assert.Equal(new byte[8], _response[..8]);
        byte[] command = _host.Firmware.Buffers.Find(b => b.Name == "GUEST_REQUEST").Buffer;
        Assert.NotEqual(request, BitConverter.ToUInt64(command, 64));
        Assert.NotEqual(response, BitConverter.ToUInt64(command, 72));
        Assert.Equal(inUse, _host.Pages.InUse);
    }

    [Fact]
    public void A_message_that_the_firmware_refuses_is_answered_with_its_word_and_writes_nothing()
    {
        (ulong request, ulong response) = (_host.Pages.Allocate(), _host.Pages.Allocate());
        int inUse = _host.Pages.InUse;
        _host.Pages.Write(response, [9]);
        _host.Firmware.Fail("GUEST_REQUEST", SevRet.BadMeasurement);
        using (_host.Known.Announce(request, response))
        {
            Assert.Equal(56, Pass(request, response, out ulong code).Value);
            Assert.Equal((ulong)SevRet.BadMeasurement, code);
        }

        Assert.Equal((byte)SevRet.BadMeasurement, _response[0]);
        byte[] page = new byte[1];
        _host.Pages.Read(response, page);
        Assert.Equal(9, page[0]);
        Assert.Equal(inUse, _host.Pages.InUse);
    }

    [Fact]
    public void Pages_that_KVM_did_not_announce_or_not_any_more_are_EINVAL()
    {
        (ulong request, ulong response) = (_host.Pages.Allocate(), _host.Pages.Allocate());
        Assert.Equal(Errno.EINVAL, Pass(request, response, out _).Errno);
        using (_host.Known.Announce(request, response))
        {
            Assert.Equal(Errno.EINVAL, Pass(response, request, out _).Errno);
            Assert.Equal(Errno.EINVAL, Pass(request, request, out _).Errno);
        }

        Assert.Equal(Errno.EINVAL, Pass(request, response, out _).Errno);
        Assert.Empty(_host.Firmware.Calls);
    }

    [Fact]
    public void A_message_without_room_for_its_result_is_ENOSPC_and_is_not_passed()
    {
        (ulong request, ulong response) = (_host.Pages.Allocate(), _host.Pages.Allocate());
        using IDisposable exit = _host.Known.Announce(request, response);
        SysResult result = _host.Ask(SevRequestOperation.Message, _response.AsSpan(..7), out _, a => (a[0].ReqSpa, a[0].RspSpa) = (request, response));
        Assert.Equal(Errno.ENOSPC, result.Errno);
        Assert.Empty(_host.Firmware.Calls);
    }

    [Fact]
    public void A_response_page_that_firmware_keeps_is_quarantined_and_the_guest_gets_nothing()
    {
        (ulong request, ulong response) = (_host.Pages.Allocate(), _host.Pages.Allocate());
        _host.Firmware.Fail("PAGE_RECLAIM");
        using IDisposable exit = _host.Known.Announce(request, response);
        Assert.Equal(Errno.EIO, Pass(request, response, out _).Errno);
        Assert.Single(_host.Pages.Quarantined);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void An_unknown_operation_is_EINVAL(uint operation) => Assert.Equal(Errno.EINVAL, _host.Ask((SevRequestOperation)operation, _response, out _).Errno);

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(57)]
    public void A_request_of_the_wrong_size_is_EINVAL(int size) => Assert.Equal(Errno.EINVAL, _host.Host.GuestReq(_host.Tdi, 0, new byte[size], _response, out _).Errno);

    [Fact]
    public void A_request_of_another_version_or_with_reserved_bits_is_EINVAL()
    {
        Assert.Equal(Errno.EINVAL, _host.Ask(SevRequestOperation.Report, _response, out _, static a => a[0].Version = 2).Errno);
        Assert.Equal(Errno.EINVAL, _host.Ask(SevRequestOperation.Report, _response, out _, static a => a[0].Reserved = 1).Errno);
    }

    private SysResult Pass(ulong request, ulong response, out ulong code) =>
        _host.Ask(SevRequestOperation.Message, _response, out code, a => (a[0].ReqSpa, a[0].RspSpa) = (request, response));
}
