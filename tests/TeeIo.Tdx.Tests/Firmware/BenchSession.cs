using TeeIo.Boundaries;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.IdeAssociation;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>The SPDM session with the device, and the IDE stream of its functions.</summary>
internal sealed class BenchSession(ModuleBench bench)
{
    private const byte RootPort = 8;
    private ulong[] _pages = [];
    private ulong[] _infoPages = [];
    private ulong _configuration;
    private ulong _root;

    public SpdmId Spdm { get; private set; }

    public StreamId Stream { get; private set; }

    /// <summary>The device information as the module last wrote it for the host.</summary>
    public byte[] DeviceInfo { get; private set; } = [];

    private TdxModuleOptions Options => bench.Module.Options;

    public void Connect()
    {
        SpdmId spdm = default;
        _pages = bench.Pages(Options.SpdmPages);
        _root = bench.Page();
        ulong metadata = bench.Several(_root, _pages);
        bench.Must(() => bench.Host.TrySpdmCreate(bench.Pf, metadata, out spdm));
        Spdm = spdm;
        _configuration = bench.Page();
        ulong length = 0;
        ulong target = TakeInfoPages();
        bench.MustRelay(() => bench.Host.TrySpdmConnect(Spdm, _configuration, bench.Response, bench.Request, target, out length));
        TakeInfo(length);
        ulong streamPage = bench.Page();
        StreamId stream = default;
        bench.Must(() => CreateStream(bench.Pf, bench.OtherVf, streamPage, out stream));
        Stream = stream;
        bench.MustRelay(() => ManageKeys(IdeKmOp.Setup));
    }

    public ulong CreateStream(HostFunctionId first, HostFunctionId last, ulong page, out StreamId stream)
    {
        ulong limit = RegisterBoundary.Pack(new IdeRidAssociation1 { RidLimit = last.Value });
        ulong range = RegisterBoundary.Pack(new IdeRidAssociation2 { Valid = 1, RidBase = first.Value });
        return bench.Host.TryIdeStreamCreate(RootPort, IdeStreamType.Selective, Spdm, FirmwareMachine.Single(page), 0, limit, range, 0, 0, 0, out stream, out _);
    }

    public ulong ManageKeys(IdeKmOp op) => bench.Host.TryIdeStreamKm(Spdm, Stream, op, bench.Response, bench.Request, out _);

    public ulong Manage(SpdmMngOp op, ulong output = SeamcallConstants.NoPage) => Manage(op, output, out _);

    /// <summary>Collects the device information anew.</summary>
    public void Recollect()
    {
        ulong length = 0;
        ulong target = TakeInfoPages();
        bench.MustRelay(() => Manage(SpdmMngOp.DevInfoRecollect, target, out length));
        TakeInfo(length);
    }

    public void Disconnect()
    {
        bench.MustRelay(() => ManageKeys(IdeKmOp.Stop));
        bench.Must(() => bench.Host.TryIdeStreamBlock(Spdm, Stream));
        ulong pages = 0;
        bench.Must(() => bench.Host.TryIdeStreamDelete(Spdm, Stream, 0, out pages));
        bench.Return(RegisterBoundary.Unpack<HpaArrayT>(pages).Page * SeamcallConstants.PageSize);
        bench.MustRelay(() => bench.Host.TrySpdmDisconnect(Spdm, bench.Response, bench.Request, out _));
        bench.Must(() => bench.Host.TrySpdmDelete(Spdm, _root, out pages));
        foreach (ulong page in _pages) bench.Return(page);
        bench.Memory.FreePage(_root);
        bench.Memory.FreePage(_configuration);
    }

    private ulong Manage(SpdmMngOp op, ulong output, out ulong length) =>
        bench.Host.TrySpdmMng(Spdm, op, SeamcallConstants.NoPage, bench.Response, bench.Request, output, out length);

    private ulong TakeInfoPages()
    {
        _infoPages = bench.Pages(Options.DeviceInfoPages + 1);
        return bench.Several(_infoPages[0], _infoPages.AsSpan(1));
    }

    private void TakeInfo(ulong length)
    {
        byte[] info = new byte[length];
        for (int at = 0; at < info.Length; at += SeamcallConstants.PageSize)
        {
            Span<byte> part = info.AsSpan(at, Math.Min(SeamcallConstants.PageSize, info.Length - at));
            bench.Memory.Read(_infoPages[1 + (at / SeamcallConstants.PageSize)], part, KeyId.Shared);
        }

        DeviceInfo = info;
        foreach (ulong page in _infoPages) bench.Memory.FreePage(page);
    }
}
