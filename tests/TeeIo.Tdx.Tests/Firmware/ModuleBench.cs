using System.Buffers.Binary;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.ModelDevice;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Module.Platform;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>The module's model with the platform's memory, root port and device, and the host's calls in their right order. A test goes to a stage and does something wrong there.
/// Whatever a call returns, its spec lists (<see cref="ListedStatuses"/>).</summary>
internal sealed class ModuleBench : IDisposable
{
    public const ulong Gpa = 0x80_0000;
    public const ulong BufferGpa = 0x10_0000;
    public const ushort GuestRid = 0x0008;
    public static readonly FunctionId GuestId = new(GuestRid);
    private const ulong PageSize = PhysicalMemory.PageSize;
    private const ulong MmioBase = 0x8000_0000;
    private readonly TeeDevice _device;
    private readonly List<ulong> _tables = [];
    private readonly ulong _iommuList;
    private readonly int _free;
    private ulong[] _sessionPages = [];
    private Stage _stage;

    public ModuleBench(bool hasContention = true, int recordsPerKey = 16)
    {
        Memory = new PhysicalMemory(512, seed: 1);
        _free = Memory.FreePages;
        var iommu = new Platform.Hardware.Iommu(Memory);
        Port = new RootPort(2);
        _device = new TeeDevice(new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 2, MmioBase), Memory, iommu, Port, CrossingHub.Silent, seed: 1);
        Pf = new HostFunctionId(_device.Functions[0].Address.RequesterId);
        Vf = new HostFunctionId(_device.Functions[1].Address.RequesterId);
        OtherVf = new HostFunctionId(_device.Functions[2].Address.RequesterId);
        foreach (PciFunctionModel function in _device.Functions) function.WriteConfig(4, 2, 6);
        var random = new Random(1);
        Module = new TdxModule(
            Memory,
            new RootPortStreams(Port),
            _ => new ModuleRequester(new ModelVerifier(), random),
            _ => Tdr.Value == 0 ? null : Tdr,
            seed: 1,
            hub: null,
            new TdxModuleOptions { HasContention = hasContention, RecordsPerKey = recordsPerKey });
        iommu.Trust(Module);
        var seamcalls = new ListedStatuses(Module.Seamcalls);
        Host = new SeamcallClient(seamcalls);
        Model = new SeamcallModelClient(seamcalls);
        Guest = new TdcallClient(new ListedStatuses(Module.CreateInstructions(Cpu)));
        (Request, Response, _iommuList) = (Page(), Page(), Page());
        Must(() => Host.TrySysConfig(0, 0, 15, TdxFeatures0.Tdxconnect, 0));
        for (int i = 0; i < 4; i++) WriteWord(_iommuList, i, Page());
        IommuId id = default;
        Must(() => Host.TryIommuSetup(0xFED9_0000, _iommuList, out id));
        Iommu = id;
    }

    public PhysicalMemory Memory { get; }

    public TdxModule Module { get; }

    public RootPort Port { get; }

    public SeamcallClient Host { get; }

    public SeamcallModelClient Model { get; }

    public TdcallClient Guest { get; }

    public TestCpu Cpu { get; } = new();

    public HostFunctionId Pf { get; }

    public HostFunctionId Vf { get; }

    public HostFunctionId OtherVf { get; }

    public ulong Request { get; }

    public ulong Response { get; }

    public IommuId Iommu { get; }

    public TdrId Tdr { get; private set; }

    public TdvprId Vcpu { get; private set; }

    public SpdmId Spdm { get; private set; }

    public StreamId Stream { get; private set; }

    public ulong SessionId { get; private set; }

    public ulong Report { get; private set; }

    /// <summary>Host-physical address of the TDI's BAR.</summary>
    public ulong Bar => _device.Functions[1].BarAddress(0);

    /// <summary>Statuses that asked for another try.</summary>
    public List<TdxStatus> Turns { get; } = [];

    /// <summary>Makes a bench at <paramref name="stage"/>.</summary>
    public static ModuleBench At(Stage stage, bool hasContention = true)
    {
        var bench = new ModuleBench(hasContention);
        bench.GoTo(stage);
        return bench;
    }

    public static TdxStatus StatusOf(ulong word) => (TdxStatus)(word & TdxStatusConstants.StatusMask);

    public ulong Page() => Memory.AllocatePage();

    /// <summary>Repeats a call as long as its status asks for it.</summary>
    public ulong Again(Func<ulong> call)
    {
        for (int i = 0; i < 100; i++)
        {
            ulong word = call();
            TdxStatus status = StatusOf(word);
            if (status is not (TdxStatus.InterruptedResumable or TdxStatus.OperandBusy or TdxStatus.KeyGenerationFailed or TdxStatus.PreviousTlbEpochBusy)) return word;
            Turns.Add(status);
        }

        throw new InvalidOperationException("The module never stops asking for another try.");
    }

    public void Must(Func<ulong> call) => Assert.Equal(TdxStatus.Success, StatusOf(Again(call)));

    /// <summary>Runs a relay loop: carries messages to the device and back, and renews the session's keys when asked.</summary>
    public ulong Relay(Func<ulong> call)
    {
        for (int i = 0; i < 200; i++)
        {
            ulong word = Again(call);
            switch (StatusOf(word))
            {
                case TdxStatus.SpdmRequest: Turns.Add(TdxStatus.SpdmRequest); Carry(); break;
                case TdxStatus.SpdmSessionKeyRequireRefresh:
                    Turns.Add(TdxStatus.SpdmSessionKeyRequireRefresh);
                    Assert.Equal(TdxStatus.Success, StatusOf(Relay(UpdateKeys)));
                    break;
                default: return word;
            }
        }

        throw new InvalidOperationException("The conversation never ends.");
    }

    public void MustRelay(Func<ulong> call) => Assert.Equal(TdxStatus.Success, StatusOf(Relay(call)));

    public ulong UpdateKeys() => Host.TrySpdmMng(Spdm, SpdmMngOp.KeyUpdate, SeamcallConstants.NoPage, Response, Request, SeamcallConstants.NoPage, out _);

    public ulong Bind() => Model.TryTdiBind(Vf, Response, Request, 0, out _);

    public ulong Start() => Model.TryTdiStart(Vf, Response, Request, out _);

    public ulong Stop() => Model.TryTdiStop(Vf, Response, Request, out _);

    public ulong ReadReport() => Model.TryTdiGetReport(Vf, Response, Request, Single(Report), out _);

    public ulong Map(ulong gpa, ulong hpa) => Model.TryMmioMap(0, gpa / PageSize, Tdr, hpa, out _, out _, out _);

    public ulong Unmap(ulong gpa) => Model.TryMmioUnmap(0, gpa / PageSize, Tdr, out _, out _, out _, out _);

    public ulong BlockMmio(ulong gpa) => Model.TryMmioBlock(0, gpa / PageSize, Tdr, out _, out _, out _);

    public ulong Accept(ulong gpa, uint count, uint offset, ulong range = 0, FunctionId? id = null) =>
        Guest.TryMmioAccept(PageLevel.Size4k, gpa / PageSize, range, id ?? GuestId, count, offset, out _, out _, out _, out _);

    public ulong AddDma(DmarLevel level, ulong table) =>
        Model.TryDmarAdd(level, 0, (ushort)Vf.Value, (ushort)Iommu.Value, level == DmarLevel.Pasidte ? Tdr.Value : 0, table, 0, 0, 0, 0, 0, 0, 0);

    public ulong BlockDma(DmarLevel level) => Model.TryDmarBlock(level, 0, (ushort)Vf.Value, (ushort)Iommu.Value);

    public ulong RemoveDma(DmarLevel level) => Model.TryDmarRemove(level, 0, (ushort)Vf.Value, (ushort)Iommu.Value, out _);

    public ulong Invalidate(InvType type, ulong subject) => Model.TryIqInvRequest(Iommu, type, subject, 0, 0, 0, 0);

    public ulong ReadTdi(TdiField field, ulong buffer, out ulong value)
    {
        ulong found = 0;
        ulong word = Again(() => Guest.TryTdiRd(GuestId, field, buffer, out found));
        value = found;
        return word;
    }

    public static ulong Single(ulong page) => RegisterBoundary.Pack(new HpaArrayT { Page = page / PageSize, LastEntry = 0 });

    public ulong Several(params ulong[] pages)
    {
        ulong root = Page();
        for (int i = 0; i < pages.Length; i++) WriteWord(root, i, pages[i]);
        return RegisterBoundary.Pack(new HpaArrayT { Page = root / PageSize, LastEntry = (ulong)(pages.Length - 1) });
    }

    /// <summary>Gives every page of the machine back, after the IOMMU; throws where the module still has one.</summary>
    public void TakeEverythingBack()
    {
        Must(() => Host.TryIommuClear(Iommu, _iommuList));
        Assert.Equal(0, Module.OwnedPages);
    }

    /// <summary>Pages that are in use, whoever has them.</summary>
    public int PagesInUse => _free - Memory.FreePages;

    public void Dispose()
    {
        _device.Dispose();
        Memory.Dispose();
    }

    public void GoTo(Stage stage)
    {
        while (_stage < stage) Enter(++_stage);
    }

    private void Carry()
    {
        byte[] request = new byte[PageSize];
        byte[] response = new byte[PageSize];
        Memory.Read(Request, request, KeyId.Shared);
        int length = (int)(BinaryPrimitives.ReadUInt32LittleEndian(request.AsSpan(4)) * 4);
        Assert.True(_device.Mailbox.Exchange(request.AsSpan(..length), response).IsOk, "the device refused an object");
        Memory.Write(Response, response, KeyId.Shared);
    }

    private void WriteWord(ulong page, int index, ulong word)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, word);
        Memory.Write(page + ((ulong)index * 8), bytes, KeyId.Shared);
    }

    private void Enter(Stage stage)
    {
        switch (stage)
        {
            case Stage.Td: MakeTd(); break;
            case Stage.Connected: Connect(); break;
            case Stage.Owned: GiveTdi(); break;
            case Stage.Locked: Lock(); break;
            case Stage.Offered: Offer(); break;
            case Stage.Accepted:
                Must(() => Accept(Gpa, 5, 0));
                Must(() => Guest.TryDmarAccept(GuestId, 0));
                break;
            case Stage.Running:
                Must(() => Guest.TryTdiStart(GuestId, SessionId));
                MustRelay(Start);
                break;
            case Stage.Stopped: MustRelay(Stop); break;
            case Stage.Unmapped: UnmapAll(); break;
            case Stage.Removed: RemoveTdi(); break;
            case Stage.Disconnected: Disconnect(); break;
            case Stage.Gone: DestroyTd(); break;
        }
    }

    private void MakeTd()
    {
        ulong root = Page();
        Must(() => Host.TryMngCreate(root, 1));
        Tdr = new TdrId(root);
        Must(() => Host.TryMngKeyConfig(Tdr));
        ulong parameters = Page();
        byte[] bytes = new byte[TdParams.TdParams.ByteSize];
        new TdParams.TdParams { MaxVcpus = 1, ConfigFlags = TdConfigFlags.TdxConnect }.Write(bytes);
        Memory.Write(parameters, bytes, KeyId.Shared);
        Must(() => Host.TryMngInit(Tdr, parameters, out _));
        Memory.FreePage(parameters);
        ulong vcpu = Page();
        Must(() => Host.TryVpCreate(vcpu, Tdr));
        Vcpu = new TdvprId(vcpu);
        Must(() => Host.TryVpInit(Vcpu, 0, 0));
        Must(() => Host.TryMrFinalize(Tdr));
        ulong buffer = Page();
        TdPages.Add(buffer);
        Must(() => Host.TryMemPageAug(0, BufferGpa / PageSize, Tdr, buffer, out _, out _, out _));
        Must(() => Guest.TryMemPageAccept(PageLevel.Size4k, BufferGpa / PageSize));
    }

    private void Connect()
    {
        SpdmId spdm = default;
        _sessionPages = [Page(), Page()];
        ulong metadata = Several(_sessionPages);
        Must(() => Host.TrySpdmCreate(Pf, metadata, out spdm));
        Spdm = spdm;
        ulong config = Page();
        ulong devInfo = Several(Page(), Page(), Page(), Page());
        MustRelay(() => Host.TrySpdmConnect(Spdm, config, Response, Request, devInfo, out _));
        StreamId stream = default;
        ulong streamPage = Single(Page());
        ulong first = (ulong)(Vf.Value + 1) << 8;
        ulong second = ((ulong)Pf.Value << 8) | 1;
        Must(() => Host.TryIdeStreamCreate(8, IdeStreamType.Selective, Spdm, streamPage, 0, first, second, 0, 0, 0, out stream, out _));
        Stream = stream;
        MustRelay(() => ManageKeys(IdeKmOp.Setup));
    }

    public ulong ManageKeys(IdeKmOp op) => Host.TryIdeStreamKm(Spdm, Stream, op, Response, Request, out _);

    private void GiveTdi()
    {
        ulong leaf = Page();
        ulong control = Page();
        ulong mmioLeaf = Page();
        Must(() => Model.TryTdimtAdd(0, Vf, leaf));
        Must(() => Create(control));
        Must(() => Model.TryMmiomtAdd(0, Bar / PageSize, mmioLeaf));
        for (ulong i = 0; i < ModelDeviceConstants.BarPages; i++)
        {
            ulong page = (Bar / PageSize) + i;
            Must(() => Model.TryMmiomtSet(0, page, MmiomtType.Data, Vf));
        }
    }

    public ulong Create(ulong control) => Model.TryTdiCreate((ushort)Iommu.Value, (byte)Stream.Value, Vf, Tdr, control, GuestRid);

    private void Lock()
    {
        MustRelay(Bind);
        Report = Page();
        MustRelay(ReadReport);
        Assert.Equal(TdxStatus.Success, StatusOf(ReadTdi(TdiField.GetBindSessionId, 0, out ulong session)));
        SessionId = session;
    }

    private void Offer()
    {
        for (ulong i = 0; i < 5; i++)
        {
            ulong at = i * PageSize;
            Must(() => Map(Gpa + at, Bar + at));
        }

        foreach (DmarLevel level in new[] { DmarLevel.Rte, DmarLevel.Cte, DmarLevel.Pde })
        {
            ulong table = Page();
            _tables.Add(table);
            Must(() => AddDma(level, table));
        }

        Must(() => AddDma(DmarLevel.Pasidte, 0));
    }

    private void UnmapAll()
    {
        for (ulong i = 0; i < 5; i++)
        {
            ulong at = i * PageSize;
            Must(() => BlockMmio(Gpa + at));
        }

        Must(() => Host.TryMemTrack(Tdr));
        Must(() => Invalidate(InvType.Iotlb, Tdr.Value));
        Must(() => Model.TryIqInvProcess(Iommu));
        for (ulong i = 0; i < 5; i++)
        {
            ulong at = i * PageSize;
            Must(() => Unmap(Gpa + at));
        }

        foreach ((DmarLevel level, InvType type) in new[]
            { (DmarLevel.Pasidte, InvType.Pasidte), (DmarLevel.Pde, InvType.Pde), (DmarLevel.Cte, InvType.Cte), (DmarLevel.Rte, InvType.Rte) })
        {
            Must(() => BlockDma(level));
            Must(() => Invalidate(type, Vf.Value));
            Must(() => Model.TryIqInvProcess(Iommu));
            Must(() => RemoveDma(level));
        }

        foreach (ulong table in _tables) Return(table);
        _tables.Clear();
    }

    private void RemoveTdi()
    {
        ulong page = 0;
        Must(() => Model.TryTdiRemove(Vf, out page));
        Return(page);
        Must(() => Model.TryMmiomtRemove(0, Bar / PageSize, out page));
        Return(page);
        Must(() => Model.TryTdimtRemove(0, Vf, out page));
        Return(page);
    }

    private void Disconnect()
    {
        MustRelay(() => ManageKeys(IdeKmOp.Stop));
        Must(() => Host.TryIdeStreamBlock(Spdm, Stream));
        ulong pages = 0;
        Must(() => Host.TryIdeStreamDelete(Spdm, Stream, 0, out pages));
        Return(RegisterBoundary.Unpack<HpaArrayT>(pages).Page * PageSize);
        MustRelay(() => Host.TrySpdmDisconnect(Spdm, Response, Request, out _));
        ulong root = Page();
        Must(() => Host.TrySpdmDelete(Spdm, root, out pages));
        Memory.FreePage(root);
        foreach (ulong page in _sessionPages) Return(page);
    }

    private void DestroyTd()
    {
        Must(() => Host.TryVpFlush(Vcpu));
        Must(() => Host.TryMngVpflushdone(Tdr));
        Assert.Equal(TdxStatus.InterruptedResumable, StatusOf(Host.TryPhymemCacheWb(0)));
        Must(() => Host.TryPhymemCacheWb(1));
        Must(() => Host.TryMngKeyFreeid(Tdr));
        foreach (ulong page in ReclaimOrder())
        {
            Must(() => Host.TryPhymemPageReclaim(page, out _, out _, out _));
            Return(page);
        }

        Tdr = default;
    }

    /// <summary>All pages of the TD, its root last.</summary>
    private IEnumerable<ulong> ReclaimOrder() => [.. TdPages, Vcpu.Value, Tdr.Value];

    public List<ulong> TdPages { get; } = [];

    private void Return(ulong page)
    {
        Must(() => Host.TryPhymemPageWbinvd(page));
        Memory.FreePage(page);
    }
}
