using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class SnpCommandVectorTests
{
    private const string Guest = "0070000000000000";
    private static readonly GctxPaddrId _guest = new(0x7000);

    [Fact]
    public void Platform_status() => Check(0x083, "0080000000000000", c => c.TryPlatformStatus(new SnpPlatformStatusCmd { StatusPaddr = new(0x8000) }));

    [Fact]
    public void Data_fabric_flush_has_no_buffer() => Check(0x084, "", c => c.TryDfFlush());

    [Fact]
    public void Initialise_with_TIO() => Check(
        0x085, $"13000000 00000000 0080000000000000 3F00 {Hex.Zeros(46)}",
        c => c.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp | SnpInitFlags.ListPaddrEn | SnpInitFlags.TioEn, ListPaddr = new(0x8000), MaxSnpAsid = 63 }));

    [Fact]
    public void Shut_down() => Check(0x086, "08000000 03000000", c => c.TryShutdownEx(new SnpShutdownEx { Flags = SnpShutdownFlags.IommuSnpShutdown | SnpShutdownFlags.X86SnpShutdown }));

    [Fact]
    public void Decommission() => Check(0x090, Guest, c => c.TryDecommission(new SnpDecommission { GctxPaddr = _guest }));

    [Fact]
    public void Activate() => Check(0x091, $"{Guest} 05000000", c => c.TryActivate(new SnpActivate { GctxPaddr = _guest, Asid = 5 }));

    [Fact]
    public void Context_create() => Check(0x093, Guest, c => c.TryGctxCreate(new SnpGctxCreate { GctxPaddr = _guest }));

    [Fact]
    public void Guest_request() => Check(
        0x094, $"{Guest} 0010000000000000 0020000000000000", c => c.TryGuestRequest(new SnpGuestRequest { GctxPaddr = _guest, ReqPaddr = new(0x1000), ResPaddr = new(0x2000) }));

    [Fact]
    public void Launch_start() => Check(
        0x0A0, $"{Guest} 0100030000000000 0000000000000000 02000000 64000000 {Hex.Zeros(16)}",
        c => c.TryLaunchStart(new SnpLaunchStart { GctxPaddr = _guest, Policy = SnpPolicy.Smt | SnpPolicy.MustBeOne | (SnpPolicy)1, ImiEn = true, DesiredTscKhz = 100 }));

    [Fact]
    public void Launch_update_of_a_secrets_page() => Check(
        0x0A1, $"{Guest} 0A000000 00000000 0080000000000000 00 01 02 03 00000000",
        c => c.TryLaunchUpdate(new SnpLaunchUpdate { GctxPaddr = _guest, PageType = SnpPageType.Secrets, Address = new(0x8000), Vmpl1Perms = 1, Vmpl2Perms = 2, Vmpl3Perms = 3 }));

    [Fact]
    public void Launch_update_of_a_large_page() => Check(
        0x0A1, $"{Guest} 03000000 00000000 0000200000000000 00000000 00000000",
        c => c.TryLaunchUpdate(new SnpLaunchUpdate { GctxPaddr = _guest, Is2m = true, PageType = SnpPageType.Normal, Address = new(0x200000) }));

    [Fact]
    public void Launch_finish() => Check(
        0x0A2, $"{Guest} 0010000000000000 0020000000000000 0300000000000000 {Hex.Zeros(32)}",
        c => c.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = _guest, IdBlockPaddr = new(0x1000), IdAuthPaddr = new(0x2000), IdBlockEn = true, AuthKeyEn = true }));

    [Fact]
    public void Page_reclaim() => Check(0x0C7, "0180000000000000", c => c.TryPageReclaim(new SnpPageReclaim { Paddr = new(0x8000 | SnpFirmwareConstants.Reclaim2m) }));

    [Fact]
    public void Feature_info() => Check(0x0CE, "10000000 00000000 0080000000000000", c => c.TryFeatureInfo(new SnpFeatureInfoCmd { FeatureInfoPaddr = new(0x8000) }));

    [Fact]
    public void What_the_platform_and_its_features_are_reads_back()
    {
        Assert.True(SnpPlatformStatus.TryRead(Hex.Bytes("01 34 02 01 78563412 08000000 05000000 0807060504030201 1817161514131211"), out SnpPlatformStatus status));
        Assert.Equal((1, 0x34, 2, true), (status.ApiMajor, status.ApiMinor, status.State, status.IsRmpInitialized));
        Assert.Equal((SnpStatusFlags.FeatureInfo, 5u, 0x0102030405060708ul), (status.Flags, status.GuestCount, status.CurrentTcb));
        Assert.True(SnpFeatureInfo.TryRead(Hex.Bytes("00000000 02000000 0A000000 00000000"), out SnpFeatureInfo features));
        Assert.Equal((SnpFeatureEbx.SevTio, SnpFeatureEcx.X86Shutdown | SnpFeatureEcx.CiphertextHiding), (features.Ebx, features.Ecx));
    }

    private static void Check(uint command, string buffer, Func<SnpFirmwareClient, SevRet> run)
    {
        RecordingFirmware firmware = new();
        Assert.Equal(SevRet.Success, run(new SnpFirmwareClient(firmware)));
        Assert.Equal(command, firmware.Command);
        Hex.Equal(buffer, firmware.Buffer);
        Assert.Equal(firmware.Buffer.Length, SnpFirmwareDispatcher.BufferSize(command));
    }
}
