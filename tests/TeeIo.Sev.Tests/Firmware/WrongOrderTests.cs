using TeeIo.Pci.Tdisp;
using TeeIo.Sev.Psp;

namespace TeeIo.Sev.Tests.Firmware;

/// <summary>What each command gives in the wrong order, or with what isn't the caller's.</summary>
public sealed class WrongOrderTests
{
    private static readonly Dictionary<string, (SpStage Stage, Func<SpBench, SevRet> Call, SevRet Status)> s_cases = new()
    {
        ["context before init"] = (SpStage.Reset, b => b.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(b.Page()) }), SevRet.InvalidPlatformState),
        ["flush before init"] = (SpStage.Reset, b => b.Snp.TryDfFlush(), SevRet.InvalidPlatformState),
        ["shutdown before init"] = (SpStage.Reset, b => b.Snp.TryShutdownEx(default), SevRet.InvalidPlatformState),
        ["reclaim before init"] = (SpStage.Reset, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Page()) }), SevRet.InvalidPlatformState),
        ["TIO status before init"] = (SpStage.Reset, b => b.Tio.TryStatus(default), SevRet.InvalidPlatformState),
        ["init without an RMP"] = (SpStage.Reset, b => b.Snp.TryInitEx(default), SevRet.RmpInitRequired),
        ["init with what isn't there"] = (SpStage.Reset, b => b.Snp.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp | SnpInitFlags.CiphertextHidingEn }), SevRet.Unsupported),
        ["platform status on the host's page before init"] = (SpStage.Reset, b => b.Snp.TryPlatformStatus(new SnpPlatformStatusCmd { StatusPaddr = new(b.Page()) }), SevRet.Success),
        ["TIO without TIO"] = (SpStage.Reset, b => InitThen(b, () => b.Tio.TryInit(default)), SevRet.InvalidPlatformState),
        ["device without TIO"] = (SpStage.Reset, b => InitThen(b, () => b.CreateDevice(new(b.Page()))), SevRet.InvalidPlatformState),
        ["flush without write back"] = (SpStage.Reset, b => InitThen(b, () => b.Snp.TryDfFlush()), SevRet.WbinvdRequired),
        ["shutdown without flush"] = (SpStage.Reset, b => InitThen(b, () => b.Snp.TryShutdownEx(default)), SevRet.DfflushRequired),
        ["init twice"] = (SpStage.Booted, b => b.Snp.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp }), SevRet.InvalidPlatformState),
        ["TIO twice"] = (SpStage.Booted, b => b.Tio.TryInit(default), SevRet.InvalidPlatformState),
        ["status on the host's page"] = (SpStage.Booted, b => b.Snp.TryPlatformStatus(new SnpPlatformStatusCmd { StatusPaddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["status nowhere"] = (SpStage.Booted, b => b.Tio.TryStatus(new TioStatusCmd { StatusPaddr = new(0x1000) }), SevRet.InvalidAddress),
        ["status across a page's end"] = (SpStage.Booted, b => b.Tio.TryStatus(new TioStatusCmd { StatusPaddr = new(b.Output + 0xFE0) }), SevRet.InvalidAddress),
        ["features of another leaf"] = (SpStage.Booted, b => b.Snp.TryFeatureInfo(new SnpFeatureInfoCmd { EcxIn = 1, FeatureInfoPaddr = new(b.Output) }), SevRet.InvalidParam),
        ["shutdown that isn't there"] = (SpStage.Booted, b => b.Snp.TryShutdownEx(new SnpShutdownEx { Flags = SnpShutdownFlags.X86SnpShutdown }), SevRet.Unsupported),
        ["shutdown with a guest"] = (SpStage.Context, b => b.Snp.TryShutdownEx(default), SevRet.Active),
        ["vIOMMU"] = (SpStage.Booted, b => b.Tio.TryViommuInit(default), SevRet.Unsupported),

        ["context on the host's page"] = (SpStage.Booted, b => b.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["context on a context"] = (SpStage.Context, b => b.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = b.Gctx }), SevRet.InvalidPageState),
        ["context inside a page"] = (SpStage.Booted, b => b.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(b.Output + 8) }), SevRet.InvalidAddress),
        ["context on a guest's page"] = (SpStage.Guest, b => b.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = new(b.Ram) }), SevRet.InvalidPageOwner),
        ["launch of nobody"] = (SpStage.Booted, b => b.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = new(b.Output), Policy = SnpPolicy.MustBeOne }), SevRet.InvalidGuest),
        ["launch with a policy that can't be"] = (SpStage.Context, b => b.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = b.Gctx }), SevRet.PolicyFailure),
        ["launch with ciphertext hidden"] = (SpStage.Context, b => b.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = b.Gctx, Policy = SnpPolicy.MustBeOne | SnpPolicy.CiphertextHiding }), SevRet.PolicyFailure),
        ["launch with a migration agent"] = (SpStage.Context, b => b.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = b.Gctx, Policy = SnpPolicy.MustBeOne, MaEn = true }), SevRet.Unsupported),
        ["launch twice"] = (SpStage.Launching, b => b.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = b.Gctx, Policy = SnpPolicy.MustBeOne }), SevRet.InvalidGuestState),
        ["ASID 0"] = (SpStage.Context, b => b.Snp.TryActivate(new SnpActivate { GctxPaddr = b.Gctx }), SevRet.InvalidAsid),
        ["ASID too high"] = (SpStage.Context, b => b.Snp.TryActivate(new SnpActivate { GctxPaddr = b.Gctx, Asid = 16 }), SevRet.InvalidAsid),
        ["second ASID"] = (SpStage.Launching, b => b.Snp.TryActivate(new SnpActivate { GctxPaddr = b.Gctx, Asid = 2 }), SevRet.Active),
        ["another's ASID"] = (SpStage.Launching, b => b.Snp.TryActivate(new SnpActivate { GctxPaddr = SecondContext(b), Asid = SpBench.Asid }), SevRet.AsidOwned),
        ["ASID of nobody"] = (SpStage.Booted, b => b.Snp.TryActivate(new SnpActivate { GctxPaddr = new(b.Output), Asid = 1 }), SevRet.InvalidGuest),
        ["page before launch"] = (SpStage.Context, b => b.Launch(b.Page(), SnpPageType.Normal), SevRet.InvalidGuestState),
        ["page before an ASID"] = (SpStage.Context, b => StartThen(b, () => b.Launch(b.Page(), SnpPageType.Normal)), SevRet.Inactive),
        ["page that is the host's"] = (SpStage.Launching, b => b.Launch(b.Page(), SnpPageType.Normal), SevRet.InvalidPageState),
        ["page that isn't immutable"] = (SpStage.Launching, b => b.Launch(Assigned(b, SpBench.Asid, isImmutable: false), SnpPageType.Normal), SevRet.InvalidPageState),
        ["page of another guest"] = (SpStage.Launching, b => b.Launch(Assigned(b, 2), SnpPageType.Normal), SevRet.InvalidPageOwner),
        ["page of the firmware"] = (SpStage.Launching, b => b.Launch(b.Output, SnpPageType.Normal), SevRet.InvalidPageOwner),
        ["page that isn't memory"] = (SpStage.Launching, b => b.Launch(b.Bar, SnpPageType.Normal), SevRet.InvalidAddress),
        ["page of no type"] = (SpStage.Launching, b => b.Launch(Assigned(b, SpBench.Asid), (SnpPageType)7), SevRet.InvalidParam),
        ["page of 2 MiB"] = (SpStage.Launching, b => b.Snp.TryLaunchUpdate(new SnpLaunchUpdate { GctxPaddr = b.Gctx, PageType = SnpPageType.Normal, Is2m = true, Address = new(Assigned(b, SpBench.Asid)) }), SevRet.InvalidPageSize),
        ["page twice"] = (SpStage.Launching, b => LaunchTwice(b), SevRet.InvalidPageState),
        ["page after launch"] = (SpStage.Guest, b => b.Launch(Assigned(b, SpBench.Asid), SnpPageType.Normal), SevRet.InvalidGuestState),
        ["finish before launch"] = (SpStage.Context, b => b.Snp.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = b.Gctx }), SevRet.InvalidGuestState),
        ["finish twice"] = (SpStage.Guest, b => b.Snp.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = b.Gctx }), SevRet.InvalidGuestState),
        ["finish with an ID block"] = (SpStage.Launching, b => b.Snp.TryLaunchFinish(new SnpLaunchFinish { GctxPaddr = b.Gctx, IdBlockEn = true }), SevRet.Unsupported),
        ["end of nobody"] = (SpStage.Booted, b => b.Snp.TryDecommission(new SnpDecommission { GctxPaddr = new(b.Output) }), SevRet.InvalidGuest),
        ["end while a TDI is bound"] = (SpStage.Locked, b => b.Snp.TryDecommission(new SnpDecommission { GctxPaddr = b.Gctx }), SevRet.InUse),
        ["end after the TDI was unbound"] = (SpStage.Unbound, b => b.Snp.TryDecommission(new SnpDecommission { GctxPaddr = b.Gctx }), SevRet.Success),

        ["reclaim of the host's page"] = (SpStage.Booted, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["reclaim of nothing"] = (SpStage.Booted, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(0x1000) }), SevRet.InvalidAddress),
        ["reclaim of 2 MiB"] = (SpStage.Booted, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Output | 1) }), SevRet.InvalidPageSize),
        ["reclaim inside a page"] = (SpStage.Booted, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Output + 8) }), SevRet.InvalidAddress),
        ["reclaim of a guest's context"] = (SpStage.Context, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Gctx.Value) }), SevRet.InvalidPageState),
        ["reclaim of a TDI's context"] = (SpStage.Tdi, b => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Tdi.Value) }), SevRet.InvalidPageState),
        ["reclaim twice"] = (SpStage.Booted, b => Twice(() => b.Snp.TryPageReclaim(new SnpPageReclaim { Paddr = new(b.Output) })), SevRet.InvalidPageState),

        ["device on the host's pages"] = (SpStage.Booted, b => b.CreateDevice(b.Several(b.Page(), b.Page())), SevRet.InvalidPageState),
        ["device on too few pages"] = (SpStage.Booted, b => b.CreateDevice(new(b.FirmwarePage())), SevRet.InvalidLen),
        ["device on one page twice"] = (SpStage.Booted, b => OnePageTwice(b), SevRet.InvalidAddress),
        ["device twice"] = (SpStage.Device, b => b.CreateDevice(b.Several(b.FirmwarePage(), b.FirmwarePage())), SevRet.InUse),
        ["device on another's context"] = (SpStage.Device, b => b.CreateDevice(new(b.Dev.Value), b.Vf), SevRet.InvalidPageState),
        ["connect of nothing"] = (SpStage.Booted, b => b.Connect(), SevRet.InvalidDevCtx),
        ["connect without traffic class 0"] = (SpStage.Device, b => b.Connect(tcMask: 2), SevRet.InvalidParam),
        ["connect with two traffic classes"] = (SpStage.Device, b => b.Connect(tcMask: 3), SevRet.Unsupported),
        ["connect without a stream"] = (SpStage.Device, b => b.Connect(stream: 0xFF), SevRet.InvalidParam),
        ["connect with another slot"] = (SpStage.Device, b => b.Connect(slot: 1), SevRet.InvalidParam),
        ["connect twice"] = (SpStage.Connected, b => b.Connect(), SevRet.InvalidDevState),
        ["connect after disconnect"] = (SpStage.Disconnected, b => b.Connect(), SevRet.ReclaimRequired),
        ["connect over another's stream"] = (SpStage.Connected, b => OtherDevice(b, () => b.Connect()), SevRet.InUse),
        ["measure before connect"] = (SpStage.Device, b => b.Measure(), SevRet.InvalidDevState),
        ["certificates before connect"] = (SpStage.Device, b => b.Certificates(), SevRet.InvalidDevState),
        ["keys rolled before connect"] = (SpStage.Device, b => b.RollKey(), SevRet.InvalidDevState),
        ["disconnect before connect"] = (SpStage.Device, b => b.Disconnect(), SevRet.InvalidDevState),
        ["disconnect twice"] = (SpStage.Disconnected, b => b.Disconnect(), SevRet.InvalidDevState),
        ["disconnect while bound"] = (SpStage.Locked, b => b.Disconnect(), SevRet.InUse),
        ["disconnect with a flag that isn't one"] = (SpStage.Connected, b => b.Tio.TryDevDisconnect(new TioDevDisconnect { Flags = (TioForceFlags)2, SpdmCtrl = b.Buffers, DevCtxSla = b.Dev }), SevRet.InvalidParam),
        ["measure with a flag that isn't one"] = (SpStage.Connected, b => b.Tio.TryDevMeasurements(new TioDevMeasurements { Flags = (TioMeasurementFlags)2, SpdmCtrl = b.Buffers, DevCtxSla = b.Dev }), SevRet.InvalidParam),
        ["device reclaimed while connected"] = (SpStage.Connected, b => b.ReclaimDevice(), SevRet.InvalidDevState),
        ["device reclaimed with a TDI"] = (SpStage.Tdi, b => Twice(() => b.Converse(() => b.Disconnect()), () => b.ReclaimDevice()), SevRet.InUse),
        ["device reclaimed that isn't there"] = (SpStage.Booted, b => b.ReclaimDevice(), SevRet.InvalidDevCtx),
        ["device status of nothing"] = (SpStage.Booted, b => b.Tio.TryDevStatus(new TioDevStatusCmd { StatusPaddr = new(b.Output) }), SevRet.InvalidDevCtx),
        ["device status on the host's page"] = (SpStage.Device, b => b.Tio.TryDevStatus(new TioDevStatusCmd { DevCtxSla = b.Dev, StatusPaddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["shutdown with a device"] = (SpStage.Device, b => Twice(() => b.Snp.TryDecommission(new SnpDecommission { GctxPaddr = b.Gctx }), () => b.Snp.TryShutdownEx(default)), SevRet.ReclaimRequired),

        ["TDI before connect"] = (SpStage.Device, b => b.CreateTdi(new(b.FirmwarePage())), SevRet.InvalidDevState),
        ["TDI of no device"] = (SpStage.Booted, b => b.CreateTdi(new(b.FirmwarePage())), SevRet.InvalidDevCtx),
        ["TDI twice"] = (SpStage.Tdi, b => b.CreateTdi(new(b.FirmwarePage())), SevRet.InUse),
        ["TDI on the host's page"] = (SpStage.Connected, b => b.CreateTdi(new(b.Page())), SevRet.InvalidPageState),
        ["TDI on a context"] = (SpStage.Connected, b => b.CreateTdi(new(b.Gctx.Value)), SevRet.InvalidPageState),
        ["TDI with reserved bits"] = (SpStage.Connected, b => CreateTdi(b, new TdispFunctionId { RequesterId = b.Vf, Reserved = 1 }), SevRet.InvalidParam),
        ["TDI of another segment"] = (SpStage.Connected, b => CreateTdi(b, new TdispFunctionId { RequesterId = b.Vf, Segment = 1, SegmentValid = 1 }), SevRet.InvalidTdi),
        ["bind of no TDI"] = (SpStage.Connected, b => b.Bind(), SevRet.InvalidTdiCtx),
        ["bind to nobody"] = (SpStage.Tdi, b => b.Bind(guest: new(b.Output)), SevRet.InvalidGuest),
        ["bind to a guest that isn't finished"] = (SpStage.Tdi, b => b.Bind(guest: SecondContext(b)), SevRet.InvalidGuestState),
        ["bind with a cache line size"] = (SpStage.Tdi, b => b.Bind(flags: TdispLockIfFlags.CacheLineSize), SevRet.InvalidParam),
        ["bind with a flag that the device doesn't know"] = (SpStage.Tdi, b => b.Converse(() => b.Bind(flags: TdispLockIfFlags.BindP2p)), SevRet.SpdmError),
        ["run before lock"] = (SpStage.Tdi, b => b.Bind(isRun: true), SevRet.InvalidTdiState),
        ["bind twice"] = (SpStage.Locked, b => b.Bind(), SevRet.InvalidTdiState),
        ["run for another guest"] = (SpStage.Locked, b => b.Bind(isRun: true, guest: SecondContext(b)), SevRet.InvalidGuest),
        ["run under another name"] = (SpStage.Locked, b => b.Bind(isRun: true, guestRid: 0x10), SevRet.InvalidParam),
        ["run twice"] = (SpStage.Running, b => b.Bind(isRun: true), SevRet.InvalidTdiState),
        ["second TDI under the same name"] = (SpStage.Locked, b => b.Bind(tdi: SecondTdi(b)), SevRet.InUse),
        ["unbind before bind"] = (SpStage.Tdi, b => b.Unbind(), SevRet.InvalidTdiState),
        ["unbind of another guest's"] = (SpStage.Locked, b => b.Unbind(guest: SecondContext(b)), SevRet.InvalidGuest),
        ["unbind twice"] = (SpStage.Unbound, b => b.Unbind(), SevRet.InvalidTdiState),
        ["forced unbind before bind"] = (SpStage.Tdi, b => b.Unbind(isForced: true), SevRet.InvalidTdiState),
        ["report before lock"] = (SpStage.Tdi, b => b.Report(), SevRet.InvalidTdiState),
        ["TDI reclaimed while locked"] = (SpStage.Locked, b => b.ReclaimTdi(), SevRet.InvalidTdiState),
        ["TDI reclaimed while it runs"] = (SpStage.Running, b => b.ReclaimTdi(), SevRet.InvalidTdiState),
        ["TDI reclaimed while a command about it waits"] = (SpStage.Tdi, b => b.ReadState() == SevRet.SpdmRequest ? b.ReclaimTdi() : SevRet.Success, SevRet.InUse),
        ["TDI reclaimed twice"] = (SpStage.Reclaimed, b => b.ReclaimTdi(), SevRet.InvalidTdiCtx),
        ["TDI info on the host's page"] = (SpStage.Tdi, b => b.Tio.TryTdiInfo(new TioTdiInfoCmd { DevCtxSla = b.Dev, TdiCtxSla = b.Tdi, StatusPaddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["TDI status on the host's page"] = (SpStage.Tdi, b => b.Tio.TryTdiStatus(new TioTdiStatusCmd { SpdmCtrl = b.Buffers, DevCtxSla = b.Dev, TdiCtxSla = b.Tdi, StatusPaddr = new(b.Page()) }), SevRet.InvalidPageState),
        ["fence of ASID 0"] = (SpStage.Device, b => b.Tio.TryAsidFenceStatus(new TioAsidFenceStatus { DevCtxSla = b.Dev, StatusPa = new(b.Output) }), SevRet.InvalidAsid),
        ["fence on the host's page"] = (SpStage.Device, b => b.Tio.TryAsidFenceStatus(new TioAsidFenceStatus { DevCtxSla = b.Dev, Asid = 1, StatusPa = new(b.Page()) }), SevRet.InvalidPageState),
        ["fence of no device"] = (SpStage.Booted, b => b.ClearFence(), SevRet.InvalidDevCtx),
        ["fence cleared for nobody"] = (SpStage.Device, b => b.Tio.TryAsidFenceClear(new TioAsidFenceClear { DevCtxSla = b.Dev, GctxPaddr = new(b.Output) }), SevRet.InvalidGuest),
        ["fence cleared while bound"] = (SpStage.Locked, b => b.ClearFence(), SevRet.InvalidTdiState),
        ["message before the launch is over"] = (SpStage.Launching, b => b.Send(new byte[4096], out _, isAboutTdi: false), SevRet.InvalidGuestState),
        ["message about no TDI"] = (SpStage.Connected, b => b.Send(new byte[4096], out _), SevRet.InvalidTdiCtx),
    };

    public static TheoryData<string> Cases => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_wrong_order_has_its_status(string name)
    {
        (SpStage stage, Func<SpBench, SevRet> call, SevRet status) = s_cases[name];
        using SpBench bench = SpBench.At(stage);
        Assert.Equal(status, call(bench));
    }

    private static SevRet InitThen(SpBench bench, Func<SevRet> call)
    {
        SpBench.Must(bench.Snp.TryInitEx(new SnpInitEx { Flags = SnpInitFlags.InitRmp }));
        return call();
    }

    private static SevRet StartThen(SpBench bench, Func<SevRet> call)
    {
        SpBench.Must(bench.Snp.TryLaunchStart(new SnpLaunchStart { GctxPaddr = bench.Gctx, Policy = SnpPolicy.MustBeOne }));
        return call();
    }

    private static SevRet Twice(Func<SevRet> call) => Twice(call, call);

    private static SevRet Twice(Func<SevRet> first, Func<SevRet> second)
    {
        SpBench.Must(first());
        return second();
    }

    private static SevRet LaunchTwice(SpBench bench)
    {
        ulong page = Assigned(bench, SpBench.Asid);
        return Twice(() => bench.Launch(page, SnpPageType.Zero));
    }

    private static ulong Assigned(SpBench bench, uint asid, bool isImmutable = true)
    {
        ulong page = bench.Page();
        SpBench.Must(bench.Rmp(page, asid, 0x7000, isImmutable));
        return page;
    }

    private static GctxPaddrId SecondContext(SpBench bench)
    {
        var context = new GctxPaddrId(bench.FirmwarePage());
        SpBench.Must(bench.Snp.TryGctxCreate(new SnpGctxCreate { GctxPaddr = context }));
        return context;
    }

    private static TdiCtxId SecondTdi(SpBench bench)
    {
        var context = new TdiCtxId(bench.FirmwarePage());
        SpBench.Must(bench.CreateTdi(new(context.Value), bench.OtherVf));
        return context;
    }

    private static SevRet OnePageTwice(SpBench bench)
    {
        ulong page = bench.FirmwarePage();
        return bench.CreateDevice(bench.Several(page, page));
    }

    private static SevRet OtherDevice(SpBench bench, Func<SevRet> call)
    {
        bench.UseDevice(bench.Several(bench.FirmwarePage(), bench.FirmwarePage()), id: 0x0200);
        return call();
    }

    private static SevRet CreateTdi(SpBench bench, TdispFunctionId function) => bench.Tio.TryTdiCreate(
        new TioTdiCreate { DevCtxSla = bench.Dev, TdiCtxSla = new(bench.FirmwarePage()), InterfaceId = new TdispInterfaceId { FunctionId = function } });
}
