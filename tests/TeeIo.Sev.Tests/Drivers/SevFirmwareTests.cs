using TeeIo.Linux;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>How the host brings the firmware up.</summary>
public sealed class SevFirmwareTests
{
    private readonly HostFixture _host = new();

    [Fact]
    public void Start_initialises_SNP_with_TIO_flushes_and_initialises_TIO()
    {
        Assert.True(_host.Sev.Start().IsOk);
        Assert.Equal(["WBINVD", "INIT_EX", "WBINVD", "DF_FLUSH", "STATUS", "INIT", "STATUS"], _host.Firmware.Calls);
        byte[] init = _host.Firmware.Buffers.Find(b => b.Name == "INIT_EX").Buffer;
        Assert.Equal(0x11, init[0]);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Assigned));
        Assert.Equal(Errno.EBUSY, _host.Sev.Start().Errno);
    }

    [Theory]
    [InlineData("PLATFORM_STATUS", Errno.EOPNOTSUPP)]
    [InlineData("FEATURE_INFO", Errno.EOPNOTSUPP)]
    [InlineData("INIT_EX", Errno.EIO)]
    [InlineData("DF_FLUSH", Errno.EIO)]
    [InlineData("STATUS", Errno.EIO)]
    [InlineData("INIT", Errno.EIO)]
    public void Start_that_a_command_breaks_off_leaves_nothing(string command, Errno errno)
    {
        _host.Firmware.Fail(command);
        Assert.Equal(errno, _host.Sev.Start().Errno);
        Assert.Equal((0, 0), (_host.Pages.InUse, _host.Pages.Quarantined.Count));
    }

    [Fact]
    public void Firmware_that_is_too_old_is_EOPNOTSUPP()
    {
        _host.Firmware.ApiMinor = 51;
        Assert.Equal(Errno.EOPNOTSUPP, _host.Sev.Start().Errno);
        Assert.Empty(_host.Firmware.Calls);
    }

    [Fact]
    public void Firmware_that_did_not_enable_TIO_is_EOPNOTSUPP()
    {
        _host.Firmware.Status = _host.Firmware.Status with { Flags = TioStatusFlags.None };
        Assert.Equal(Errno.EOPNOTSUPP, _host.Sev.Start().Errno);
    }

    [Fact]
    public void TIO_that_somebody_else_has_initialised_is_EBUSY()
    {
        _host.Firmware.Status = _host.Firmware.Status with { Flags = TioStatusFlags.TioEn | TioStatusFlags.TioInitDone };
        Assert.Equal(Errno.EBUSY, _host.Sev.Start().Errno);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0x40u)]
    [InlineData(0x20_0000u)]
    [InlineData(uint.MaxValue)]
    public void A_buffer_size_that_no_list_of_pages_has_is_EIO(uint size)
    {
        _host.Firmware.Status = _host.Firmware.Status with { SpdmOutSizeMax = size };
        Assert.Equal(Errno.EIO, _host.Sev.Start().Errno);
    }

    [Fact]
    public void A_status_that_ends_before_the_sizes_is_EIO()
    {
        _host.Firmware.Status = _host.Firmware.Status with { Length = TioFirmwareConstants.StatusMinLength - 1 };
        Assert.Equal(Errno.EIO, _host.Sev.Start().Errno);
    }
}
