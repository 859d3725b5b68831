using TeeIo.Linux;
using TeeIo.Pci.Doe;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>The ping-pong between firmware and device: what travels, and what neither side can do to the host.</summary>
public sealed class SpdmRelayTests
{
    private readonly HostFixture _host = new HostFixture().Boot();

    public SpdmRelayTests() => _host.Host.Probe(_host.Physical);

    private byte[][] Connects => [.. _host.Firmware.Buffers.Where(b => b.Name == "DEV_CONNECT").Select(b => b.Buffer)];

    [Fact]
    public void A_request_goes_to_the_device_and_the_same_command_is_issued_again_with_the_answer()
    {
        _host.Device = static _ => DoeObject.Create(DoeObjectType.Spdm, [0xA0, 0xA1, 0xA2, 0xA3]);
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmRequest);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Equal(3, Connects.Length);
        Assert.Equal(Connects[0], Connects[1]);
        Assert.Equal(Connects[0], Connects[2]);
        Assert.True(DoeObject.TryRead(_host.Sent[0], out DoeObjectType type, out ReadOnlySpan<byte> content));
        Assert.Equal((DoeObjectType.Spdm, 24), (type, content.Length));
        Assert.Equal(16, content[0]);

        // id 2, length 32, version 1.0, data type 1; then the message, padded.
        byte[] response = _host.Firmware.Responses[1];
        Assert.Equal("0200000020000000000101" + "0000000000" + "A0A1A2A3" + new string('0', 24), Convert.ToHexString(response));
    }

    [Fact]
    public void A_secured_request_goes_out_as_a_secured_object()
    {
        _host.Firmware.Request = static () => ScriptedFirmware.Message(DobjId.Req, DobjDataType.SecureSpdm, 32);
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Equal((byte)DoeObjectType.SecuredSpdm, _host.Sent[0][2]);
    }

    [Fact]
    public void A_secured_request_that_went_out_already_is_not_sent_again()
    {
        _host.Firmware.Request = static () => ScriptedFirmware.Message(DobjId.Req, DobjDataType.SecureSpdm, 32);
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmRequest);
        _host.Firmware.Script("DEV_MEASUREMENTS", SevRet.SpdmRequest);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Single(_host.Sent);
        Assert.Equal(3, Connects.Length);
        Assert.NotEmpty(_host.Firmware.Responses[1]);
        Assert.Equal(_host.Firmware.Responses[1], _host.Firmware.Responses[2]);
    }

    [Fact]
    public void A_plain_request_may_come_again()
    {
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmRequest);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Equal(2, _host.Sent.Count);
    }

    [Theory]
    [InlineData(SevRet.InvalidDevCtx)]
    [InlineData(SevRet.SpdmError)]
    [InlineData(SevRet.ExpandBufferLengthRequest)]
    public void A_command_that_the_firmware_still_waits_for_is_issued_again_with_the_answer(SevRet lost)
    {
        _host.Firmware.WantedCapacity = 0;
        _host.Firmware.IsWaiting = true;
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, lost);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        Assert.Single(_host.Sent);
        Assert.Equal(3, Connects.Length);
        Assert.All(Connects, c => Assert.Equal(Connects[0], c));
        Assert.NotEmpty(_host.Firmware.Responses[1]);
        Assert.Equal(_host.Firmware.Responses[1], _host.Firmware.Responses[2]);
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void A_command_that_the_firmware_has_ended_is_not_issued_again()
    {
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmError);
        Assert.Equal(Errno.EPROTO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal(2, Connects.Length);
        Assert.Equal(1, _host.Firmware.Calls.Count(c => c == "DEV_STATUS"));
    }

    [Fact]
    public void A_command_that_fails_before_its_conversation_is_not_issued_again()
    {
        _host.Firmware.IsWaiting = true;
        _host.Firmware.Fail("DEV_CONNECT", SevRet.InvalidDevState);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Single(Connects);
        Assert.DoesNotContain("DEV_STATUS", _host.Firmware.Calls);
    }

    [Fact]
    public void Firmware_that_says_for_ever_that_it_waits_is_given_up()
    {
        _host.Firmware.IsWaiting = true;
        _host.Firmware.Script("DEV_CONNECT", [SevRet.SpdmRequest, .. Enumerable.Repeat(SevRet.SpdmError, 100)]);
        Assert.Equal(Errno.EPROTO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal(6, Connects.Length);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void A_buffer_that_the_firmware_wants_larger_is_replaced_and_the_others_stay()
    {
        _host.Firmware.Script("DEV_CONNECT", SevRet.ExpandBufferLengthRequest);
        Assert.True(_host.Host.Connect(_host.Physical).IsOk);
        SpdmCtrl.TryRead(Connects[0].AsSpan(8), out SpdmCtrl before);
        SpdmCtrl.TryRead(Connects[1].AsSpan(8), out SpdmCtrl after);
        Assert.Equal((before.Req, before.Resp, before.Scratch), (after.Req, after.Resp, after.Scratch));
        Assert.NotEqual(before.Output, after.Output);
        Assert.Equal(5, _host.Firmware.PagesOf(after.Output).Length);
        Assert.True(_host.Host.Disconnect(_host.Physical).IsOk);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData(0x2000u)]
    [InlineData(0x1000u)]
    [InlineData(0x20_0000u)]
    [InlineData(uint.MaxValue)]
    public void An_expansion_that_is_none_or_too_large_ends_the_command(uint wanted)
    {
        _host.Firmware.WantedCapacity = wanted;
        _host.Firmware.Fail("DEV_CONNECT", SevRet.ExpandBufferLengthRequest);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData(SevRet.SpdmRequest)]
    [InlineData(SevRet.ExpandBufferLengthRequest)]
    public void Firmware_that_never_comes_to_an_end_is_given_up(SevRet status)
    {
        uint wanted = 0x2000;
        _host.Firmware.Request = () =>
        {
            _host.Firmware.WantedCapacity = wanted += 0x1000;
            return ScriptedFirmware.Message(DobjId.Req, DobjDataType.Spdm, 40);
        };
        _host.Firmware.Fail("DEV_CONNECT", status);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData(DobjId.Resp, DobjDataType.Spdm, 40, null)]
    [InlineData(DobjId.Req, (DobjDataType)3, 40, null)]
    [InlineData(DobjId.Req, DobjDataType.Spdm, 40, 0u)]
    [InlineData(DobjId.Req, DobjDataType.Spdm, 40, 32u)]
    [InlineData(DobjId.Req, DobjDataType.Spdm, 40, 41u)]
    [InlineData(DobjId.Req, DobjDataType.Spdm, 40, 0x1000u)]
    [InlineData(DobjId.Req, DobjDataType.Spdm, 40, uint.MaxValue)]
    public void A_request_that_can_not_be_never_reaches_the_device(DobjId id, DobjDataType type, int length, uint? payload)
    {
        _host.Firmware.Request = () => ScriptedFirmware.Message(id, type, length);
        _host.Firmware.RequestPayload = payload;
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmError);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Empty(_host.Sent);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(65u)]
    [InlineData(uint.MaxValue)]
    public void A_request_object_that_lies_about_its_length_never_reaches_the_device(uint length)
    {
        _host.Firmware.Request = () =>
        {
            byte[] message = ScriptedFirmware.Message(DobjId.Req, DobjDataType.Spdm, 40);
            BitConverter.TryWriteBytes(message.AsSpan(4), length);
            return message;
        };
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmError);
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Empty(_host.Sent);
    }

    [Theory]
    [InlineData("gone", Errno.EIO)]
    [InlineData("large", Errno.EPROTO)]
    [InlineData("short", Errno.EPROTO)]
    [InlineData("other", Errno.EPROTO)]
    [InlineData("false", Errno.EPROTO)]
    public void A_device_that_fails_makes_the_firmware_get_an_empty_response_and_end_the_command(string how, Errno errno)
    {
        _host.Device = request => how switch
        {
            "large" => new byte[0x2000],
            "short" => request[..4],
            "other" => DoeObject.Create(DoeObjectType.SecuredSpdm, [1, 2, 3, 4]),
            "false" => [.. request, 0, 0, 0, 0],
            _ => null,
        };
        _host.Firmware.Script("DEV_CONNECT", SevRet.SpdmRequest, SevRet.SpdmRequest, SevRet.SpdmError);
        Assert.Equal(errno, _host.Host.Connect(_host.Physical).Errno);
        Assert.Empty(_host.Firmware.Responses[1]);
        Assert.Single(_host.Sent);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("version")]
    [InlineData("length")]
    [InlineData("short length")]
    [InlineData("device")]
    [InlineData("no unit")]
    [InlineData("nothing")]
    public void Output_that_can_not_be_is_EIO(string lie)
    {
        _host.Firmware.Output = output =>
        {
            switch (lie)
            {
                case "id": output[0] = (byte)DobjId.Report; break;
                case "version": output[9] = 2; break;
                case "length": output[4] = 65; break;
                case "short length": output[4] = 31; break;
                case "device": output[17] = 9; break;
                case "no unit": return output[..^1];
                default: return [];
            }

            return output;
        };
        Assert.Equal(Errno.EIO, _host.Host.Connect(_host.Physical).Errno);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }
}
