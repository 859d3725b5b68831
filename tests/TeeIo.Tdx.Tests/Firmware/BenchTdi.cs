using TeeIo.Boundaries;
using TeeIo.Pci.ModelDevice;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tdx.Tdcall;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>A virtual function in the hands of a TD, and the calls about it.</summary>
/// <param name="bench">The bench.</param>
/// <param name="td">The TD.</param>
/// <param name="function">Which of the device's functions.</param>
/// <param name="guestId">The TD's name of it.</param>
/// <param name="gpa">Where the TD has its BAR.</param>
internal sealed class BenchTdi(ModuleBench bench, BenchTd td, int function, FunctionId guestId, ulong gpa)
{
    /// <summary>Pages of its BAR that are for the TEE: the first ones.</summary>
    public const int TeePages = 1 + ModelDeviceConstants.DataPages;
    private const ulong PageSize = SeamcallConstants.PageSize;
    private static readonly DmarLevel[] _pathLevels = [DmarLevel.Rte, DmarLevel.Cte, DmarLevel.Pde];
    private readonly List<ulong> _tables = [];
    private ulong _mmioLeaf;

    public HostFunctionId Id { get; } = new(bench.Device.Functions[function].Address.RequesterId);

    /// <summary>Host-physical address of its BAR.</summary>
    public ulong Bar => bench.Device.Functions[function].BarAddress(ModelDeviceConstants.MmioBar);

    /// <summary>Number of the bind.</summary>
    public ulong SessionId { get; private set; }

    /// <summary>The page with the host's copy of its report.</summary>
    public ulong Report { get; private set; }

    private ushort Rid => (ushort)Id.Value;

    private ushort Iommu => (ushort)bench.Iommu.Value;

    /// <summary>Gives it to the TD, with its BAR.</summary>
    public void Give()
    {
        ulong leaf = bench.Page();
        ulong control = bench.Page();
        bench.Must(() => bench.Model.TryTdimtAdd(0, Id, leaf));
        bench.Must(() => Create(control));
        for (ulong i = 0; i < ModelDeviceConstants.BarPages; i++)
        {
            ulong mmio = Bar + (i * PageSize);
            if (FirmwareMachine.StatusOf(Own(mmio)) == TdxStatus.MmiomtNotPresent) AddMmioLeaf(mmio);
            bench.Must(() => Own(mmio));
        }
    }

    public ulong Create(ulong control) => bench.Model.TryTdiCreate(Iommu, (byte)bench.Session.Stream.Value, Id, td.Tdr, control, guestId.Value);

    public ulong Own(ulong mmio) => bench.Model.TryMmiomtSet(0, mmio / PageSize, MmiomtType.Data, Id);

    public void Lock()
    {
        bench.MustRelay(Bind);
        Report = bench.Page();
        bench.MustRelay(ReadReport);
        Assert.Equal(TdxStatus.Success, FirmwareMachine.StatusOf(Read(TdiField.GetBindSessionId, 0, out ulong session)));
        SessionId = session;
    }

    /// <summary>Maps its MMIO and adds its DMA entries.</summary>
    public void Offer()
    {
        for (ulong at = 0; at < TeePages * PageSize; at += PageSize)
        {
            ulong offset = at;
            bench.Must(() => Map(gpa + offset, Bar + offset));
        }

        foreach (DmarLevel level in _pathLevels)
        {
            ulong table = bench.Page();
            _tables.Add(table);
            bench.Must(() => AddDma(level, table));
        }

        bench.Must(() => AddDma(DmarLevel.Pasidte, 0));
    }

    public void AcceptAll()
    {
        bench.Must(() => Accept(gpa, TeePages, 0));
        bench.Must(() => td.Guest.TryDmarAccept(guestId, 0));
    }

    public void Run()
    {
        bench.Must(() => td.Guest.TryTdiStart(guestId, SessionId));
        bench.MustRelay(Start);
    }

    public void UnmapAll()
    {
        UnmapMmio();
        foreach ((DmarLevel level, InvType type) in new[]
            { (DmarLevel.Pasidte, InvType.Pasidte), (DmarLevel.Pde, InvType.Pde), (DmarLevel.Cte, InvType.Cte), (DmarLevel.Rte, InvType.Rte) })
        {
            bench.Must(() => BlockDma(level));
            bench.Must(() => Invalidate(type));
            bench.Must(() => bench.Model.TryIqInvProcess(bench.Iommu));
            bench.Must(() => RemoveDma(level));
        }

        foreach (ulong table in _tables) bench.Return(table);
        _tables.Clear();
    }

    public void UnmapMmio()
    {
        for (ulong at = 0; at < TeePages * PageSize; at += PageSize)
        {
            ulong page = gpa + at;
            bench.Must(() => BlockMmio(page));
        }

        bench.Must(() => bench.Host.TryMemTrack(td.Tdr));
        bench.Must(InvalidateIotlb);
        bench.Must(() => bench.Model.TryIqInvProcess(bench.Iommu));
        for (ulong at = 0; at < TeePages * PageSize; at += PageSize)
        {
            ulong page = gpa + at;
            bench.Must(() => Unmap(page));
        }
    }

    /// <summary>Takes it from the TD.</summary>
    public void Remove()
    {
        ulong page = 0;
        bench.Must(() => bench.Model.TryTdiRemove(Id, out page));
        bench.Return(page);
        if (_mmioLeaf != 0)
        {
            bench.Must(() => bench.Model.TryMmiomtRemove(0, Bar / PageSize, out page));
            Assert.Equal(_mmioLeaf, page);
            bench.Return(page);
        }

        bench.Must(() => bench.Model.TryTdimtRemove(0, Id, out page));
        bench.Return(page);
        bench.Memory.FreePage(Report);
    }

    public ulong Bind() => bench.Model.TryTdiBind(Id, bench.Response, bench.Request, 0, out _);

    public ulong Start() => bench.Model.TryTdiStart(Id, bench.Response, bench.Request, out _);

    public ulong Stop() => bench.Model.TryTdiStop(Id, bench.Response, bench.Request, out _);

    public ulong ReadReport() => ReadReport(out _);

    public ulong ReadReport(out ulong length) => bench.Model.TryTdiGetReport(Id, bench.Response, bench.Request, FirmwareMachine.Single(Report), out length);

    public ulong Map(ulong at, ulong hpa) => bench.Model.TryMmioMap(0, at / PageSize, td.Tdr, hpa, out _, out _, out _);

    public ulong Unmap(ulong at) => bench.Model.TryMmioUnmap(0, at / PageSize, td.Tdr, out _, out _, out _, out _);

    public ulong BlockMmio(ulong at) => bench.Model.TryMmioBlock(0, at / PageSize, td.Tdr, out _, out _, out _);

    public ulong Accept(ulong at, uint count, uint offset, ulong range = 0, FunctionId? id = null) =>
        td.Guest.TryMmioAccept(PageLevel.Size4k, at / PageSize, range, id ?? guestId, count, offset, out _, out _, out _, out _);

    public ulong AddDma(DmarLevel level, ulong table) => AddDma(level, table, level == DmarLevel.Pasidte ? td.Tdr : default);

    public ulong AddDma(DmarLevel level, ulong table, TdrId owner) =>
        bench.Model.TryDmarAdd(level, 0, Rid, Iommu, owner.Value, table, 0, 0, 0, 0, 0, 0, 0);

    public ulong BlockDma(DmarLevel level) => bench.Model.TryDmarBlock(level, 0, Rid, Iommu);

    public ulong RemoveDma(DmarLevel level) => bench.Model.TryDmarRemove(level, 0, Rid, Iommu, out _);

    public ulong Invalidate(InvType type) =>
        bench.Model.TryIqInvRequest(bench.Iommu, type, RegisterBoundary.Pack(new InvSubject { RequesterId = Rid }), 0, 0, 0, 0);

    public ulong InvalidateIotlb() => bench.Model.TryIqInvRequest(bench.Iommu, InvType.Iotlb, td.Tdr.Value, 0, 0, 0, 0);

    /// <summary>Reads a field as its TD does.</summary>
    public ulong Read(TdiField field, ulong buffer, out ulong value)
    {
        ulong found = 0;
        ulong word = bench.Again(() => td.Guest.TryTdiRd(guestId, field, buffer, out found));
        value = found;
        return word;
    }

    private void AddMmioLeaf(ulong mmio)
    {
        _mmioLeaf = bench.Page();
        bench.Must(() => bench.Model.TryMmiomtAdd(0, mmio / PageSize, _mmioLeaf));
    }
}
