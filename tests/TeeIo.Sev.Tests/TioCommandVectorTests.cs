using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests;

public sealed class TioCommandVectorTests
{
    private const string Spdm = "0010000000000000 0020000000000000 0030000000000000 0040000000000000";
    private const string Dev = "0050000000000000";
    private const string Tdi = "0060000000000000";
    private const string Guest = "0070000000000000";
    private const string Page = "0080000000000000";
    private static readonly SpdmCtrl _spdm = new() { Req = new(0x1000), Resp = new(0x2000), Scratch = new(0x3000), Output = new(0x4000) };
    private static readonly DevCtxId _dev = new(0x5000);
    private static readonly TdiCtxId _tdi = new(0x6000);
    private static readonly GctxPaddrId _guest = new(0x7000);
    private static readonly SysPaddrId _page = new(0x8000);

    [Fact]
    public void Status() => Check(0x0D0, $"10000000 00000000 {Page}", c => c.TryStatus(new TioStatusCmd { StatusPaddr = _page }));

    [Fact]
    public void Init() => Check(0x0D1, $"10000000 {Hex.Zeros(12)}", c => c.TryInit(default));

    [Fact]
    public void Device_create() => Check(
        0x0D2, $"20000000 00000000 {Dev} 0801 0300 02 {Hex.Zeros(11)}",
        c => c.TryDevCreate(new TioDevCreate { DevCtxSla = _dev, DeviceId = 0x0108, RootPortId = 3, SegmentId = 2 }));

    [Fact]
    public void Device_reclaim() => Check(0x0D3, $"10000000 00000000 {Dev}", c => c.TryDevReclaim(new TioDevReclaim { DevCtxSla = _dev }));

    [Fact]
    public void Device_connect()
    {
        TioDevConnect argument = new() { SpdmCtrl = _spdm, DevCtxSla = _dev, TcMask = 1, CertSlot = 2 };
        ((Span<byte>)argument.IdeStreamId).Fill(TioFirmwareConstants.IdeStreamUnused);
        argument.IdeStreamId[0] = 5;
        Check(0x0D4, $"50000000 00000000 {Spdm} {Hex.Zeros(8)} {Dev} 01 02 {Hex.Zeros(6)} 05FFFFFFFFFFFFFF {Hex.Zeros(8)}", c => c.TryDevConnect(argument));
    }

    [Fact]
    public void Device_disconnect_by_force() => Check(
        0x0D5, $"30000000 01000000 {Spdm} {Dev}", c => c.TryDevDisconnect(new TioDevDisconnect { Flags = TioForceFlags.Force, SpdmCtrl = _spdm, DevCtxSla = _dev }));

    [Fact]
    public void Device_status() => Check(0x0D6, $"20000000 00000000 {Dev} {Page} {Hex.Zeros(8)}", c => c.TryDevStatus(new TioDevStatusCmd { DevCtxSla = _dev, StatusPaddr = _page }));

    [Fact]
    public void Raw_measurements_with_a_nonce()
    {
        TioDevMeasurements argument = new() { Flags = TioMeasurementFlags.RawBitstream, SpdmCtrl = _spdm, DevCtxSla = _dev };
        for (int i = 0; i < TioFirmwareConstants.NonceSize; i++) argument.MeasNonce[i] = (byte)(i + 1);
        Check(
            0x0D7, $"50000000 01000000 {Spdm} {Dev} 0102030405060708 090A0B0C0D0E0F10 1112131415161718 191A1B1C1D1E1F20", c => c.TryDevMeasurements(argument));
    }

    [Fact]
    public void Certificates() => Check(0x0D8, $"30000000 00000000 {Spdm} {Dev}", c => c.TryDevCertificates(new TioDevCertificates { SpdmCtrl = _spdm, DevCtxSla = _dev }));

    [Fact]
    public void Tdi_create()
    {
        TdispInterfaceId id = default;
        id.FunctionId.RequesterId = 0x0108;
        Check(
            0x0DA, $"30000000 00000000 {Dev} {Tdi} 08010000 {Hex.Zeros(8)} {Hex.Zeros(12)}",
            c => c.TryTdiCreate(new TioTdiCreate { DevCtxSla = _dev, TdiCtxSla = _tdi, InterfaceId = id }));
    }

    [Fact]
    public void Tdi_reclaim() => Check(0x0DB, $"20000000 00000000 {Dev} {Tdi} {Hex.Zeros(8)}", c => c.TryTdiReclaim(new TioTdiReclaim { DevCtxSla = _dev, TdiCtxSla = _tdi }));

    [Fact]
    public void Bind_locks() => Check(
        0x0DC, $"50000000 00000000 {Spdm} {Dev} {Tdi} {Guest} 1000 0500 0000 {Hex.Zeros(10)}",
        c => c.TryTdiBind(Bind(TdispLockIfFlags.NoFwUpdate | TdispLockIfFlags.LockMsix, TdiRunFlags.None)));

    [Fact]
    public void Bind_starts() => Check(
        0x0DC, $"50000000 00000000 {Spdm} {Dev} {Tdi} {Guest} 1000 0000 0100 {Hex.Zeros(10)}", c => c.TryTdiBind(Bind(TdispLockIfFlags.None, TdiRunFlags.Run)));

    [Fact]
    public void Unbind() => Check(
        0x0DD, $"40000000 00000000 {Spdm} {Dev} {Tdi} {Guest}",
        c => c.TryTdiUnbind(new TioTdiUnbind { SpdmCtrl = _spdm, DevCtxSla = _dev, TdiCtxSla = _tdi, GctxPaddr = _guest }));

    [Fact]
    public void Report() => Check(
        0x0DE, $"40000000 00000000 {Spdm} {Dev} {Tdi} {Guest}",
        c => c.TryTdiReport(new TioTdiReport { SpdmCtrl = _spdm, DevCtxSla = _dev, TdiCtxSla = _tdi, GctxPaddr = _guest }));

    [Fact]
    public void Tdi_status() => Check(
        0x0DF, $"40000000 00000000 {Spdm} {Dev} {Tdi} {Page}",
        c => c.TryTdiStatus(new TioTdiStatusCmd { SpdmCtrl = _spdm, DevCtxSla = _dev, TdiCtxSla = _tdi, StatusPaddr = _page }));

    [Fact]
    public void Guest_request() => Check(
        0x0E0, $"50000000 00000000 {Spdm} {Dev} {Tdi} {Guest} {Page} 0090000000000000",
        c => c.TryGuestRequest(new TioGuestRequest { SpdmCtrl = _spdm, DevCtxSla = _dev, TdiCtxSla = _tdi, GctxPaddr = _guest, ReqPaddr = _page, ResPaddr = new(0x9000) }));

    [Fact]
    public void Fence_clear() => Check(
        0x0E1, $"20000000 00000000 {Dev} {Guest} {Hex.Zeros(8)}", c => c.TryAsidFenceClear(new TioAsidFenceClear { DevCtxSla = _dev, GctxPaddr = _guest }));

    [Fact]
    public void Fence_status_has_an_unaligned_address() => Check(
        0x0E2, $"20000000 00000000 {Dev} 07000000 {Page} 00000000", c => c.TryAsidFenceStatus(new TioAsidFenceStatus { DevCtxSla = _dev, Asid = 7, StatusPa = _page }));

    [Fact]
    public void Tdi_info() => Check(
        0x0E3, $"30000000 00000000 {Dev} {Tdi} {Page} {Hex.Zeros(16)}", c => c.TryTdiInfo(new TioTdiInfoCmd { DevCtxSla = _dev, TdiCtxSla = _tdi, StatusPaddr = _page }));

    [Fact]
    public void Roll_key() => Check(0x0E5, $"30000000 00000000 {Spdm} {Dev}", c => c.TryRollKey(new TioRollKey { SpdmCtrl = _spdm, DevCtxSla = _dev }));

    [Fact]
    public void Viommu_init()
    {
        TioViommuInit argument = new() { PciSegid = 1, IommuDevid = 2 };
        argument.BackingPagePa[0] = new(0x200000);
        argument.BackingPagePa[3] = new(0x400000);
        Check(0x0E6, $"30000000 00000000 0100 0200 00000000 0000200000000000 {Hex.Zeros(16)} 0000400000000000", c => c.TryViommuInit(argument));
    }

    [Fact]
    public void Viommu_guest_init() => Check(
        0x0E8, $"40000000 00000000 {Guest} 0100 0200 0300 0400 0500 {Hex.Zeros(6)} 0010000000000000 0020000000000000 0030000000000000 {Hex.Zeros(8)}",
        c => c.TryViommuGuestInit(new TioViommuGuestInit
        {
            GctxPaddr = _guest,
            PciSegid = 1,
            IommuDevid = 2,
            GuestIommuDevid = 3,
            HostTransDevid = 4,
            HostTransDomid = 5,
            DevidMapPa = new(0x1000),
            DomidMapPa = new(0x2000),
            VfmmioPa = new(0x3000),
        }));

    [Fact]
    public void Viommu_guest_shutdown() => Check(
        0x0E9, $"20000000 00000000 {Guest} 0100 0200 {Hex.Zeros(12)}", c => c.TryViommuGuestShutdown(new TioViommuGuestShutdown { GctxPaddr = _guest, PciSegid = 1, IommuDevid = 2 }));

    [Fact]
    public void Size_and_reserved_fields_are_not_the_callers_business() => Check(
        0x0DB, $"20000000 00000000 {Dev} {Tdi} {Hex.Zeros(8)}", c => c.TryTdiReclaim(new TioTdiReclaim { Length = 1, Reserved0 = 2, DevCtxSla = _dev, TdiCtxSla = _tdi, Reserved1 = 3 }));

    [Fact]
    public void A_status_that_is_no_success_comes_back_as_it_is() =>
        Assert.Equal(SevRet.SpdmRequest, new TioFirmwareClient(new RecordingFirmware(SevRet.SpdmRequest)).TryRollKey(default));

    [Fact]
    public void The_throwing_form_names_command_and_status()
    {
        var error = Assert.Throws<TeeIo.Boundaries.AbiException>(() => new TioFirmwareClient(new RecordingFirmware(SevRet.InvalidTdiCtx)).TdiReclaim(default));
        Assert.Contains("TIO_TDI_RECLAIM", error.Message, StringComparison.Ordinal);
        Assert.Contains("INVALID_TDI_CTX: there is no such TDI", error.Message, StringComparison.Ordinal);
    }

    private static TioTdiBind Bind(TdispLockIfFlags flags, TdiRunFlags run) => new()
    {
        SpdmCtrl = _spdm,
        DevCtxSla = _dev,
        TdiCtxSla = _tdi,
        GctxPaddr = _guest,
        GuestDeviceId = 0x0010,
        TdispLockIfFlags = flags,
        RunFlags = run,
    };

    private static void Check(uint command, string buffer, Func<TioFirmwareClient, SevRet> run)
    {
        RecordingFirmware firmware = new();
        Assert.Equal(SevRet.Success, run(new TioFirmwareClient(firmware)));
        Assert.Equal(command, firmware.Command);
        Hex.Equal(buffer, firmware.Buffer);

        // The firmware's side takes it for the same command.
        TioFirmwareStub stub = new();
        Assert.Equal(firmware.Buffer.Length, TioFirmwareDispatcher.BufferSize(command));
        Assert.Equal(SevRet.Success, TioFirmwareDispatcher.Dispatch(stub, null, command, firmware.Buffer));
        Hex.Equal(buffer, stub.Seen);
    }
}
