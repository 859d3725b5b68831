using TeeIo.Tdx.Module;
using TeeIo.Tdx.Module.Devices;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Tdcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Firmware;

/// <summary>The host's calls in their right order, for one TD and one TDI. A test goes to a stage and does something wrong there.</summary>
internal sealed class ModuleBench : RelayingHost
{
    /// <summary>Where the TD has the TDI's BAR.</summary>
    public const ulong Gpa = 0x80_0000;

    /// <summary>Where the TD has its page.</summary>
    public const ulong BufferGpa = 0x10_0000;

    /// <summary>The TD's name of the TDI.</summary>
    public static readonly FunctionId GuestId = new(0x0008);
    private readonly List<BenchTd> _tds = [];
    private readonly ulong _iommuList;
    private Stage _stage;

    public ModuleBench(TdxModuleOptions options)
        : base(options)
    {
        Session = new BenchSession(this);
        Td = AddTd();
        Tdi = new BenchTdi(this, Td, function: 1, GuestId, Gpa);
        Must(Configure);
        _iommuList = Page();
        WriteWords(_iommuList, Pages(IommuTable.Queues + options.IommuPages));
        IommuId id = default;
        Must(() => SetUpIommu(_iommuList, out id));
        Iommu = id;
    }

    public BenchTd Td { get; }

    public BenchSession Session { get; }

    public BenchTdi Tdi { get; }

    public IommuId Iommu { get; }

    /// <summary>Makes a bench at <paramref name="stage"/>.</summary>
    public static ModuleBench At(Stage stage, bool hasContention = true)
    {
        var bench = new ModuleBench(new TdxModuleOptions { HasContention = hasContention });
        bench.GoTo(stage);
        return bench;
    }

    /// <summary>Another TD, which isn't made yet.</summary>
    public BenchTd AddTd()
    {
        var td = new BenchTd(this, $"vm{_tds.Count}");
        _tds.Add(td);
        return td;
    }

    /// <summary>The key of the TD with index <paramref name="index"/>: the first is the host's.</summary>
    public static ushort KeyOf(int index) => (ushort)(1 + index);

    /// <summary>Configures the module, with the last key for itself.</summary>
    public ulong Configure() => Host.TrySysConfig(0, 0, (ushort)(Module.Options.KeyCount - 1), TdxFeatures0.Tdxconnect, 0);

    public ulong SetUpIommu(ulong list, out IommuId id) => Host.TryIommuSetup(Module.Options.IommuBases[0], list, out id);

    public override ulong UpdateKeys() => Session.Manage(SpdmMngOp.KeyUpdate);

    public void GoTo(Stage stage)
    {
        while (_stage < stage) Enter(++_stage);
    }

    /// <summary>Gives every page of the machine back, after the IOMMU.</summary>
    public void TakeEverythingBack()
    {
        Must(() => Host.TryIommuClear(Iommu, _iommuList));
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        for (int i = 0; i < IommuTable.Queues + Module.Options.IommuPages; i++)
        {
            Memory.Read(_iommuList + ((ulong)i * sizeof(ulong)), bytes, Platform.Hardware.KeyId.Shared);
            Return(BitConverter.ToUInt64(bytes));
        }

        foreach (ulong page in new[] { _iommuList, Request, Response }) Memory.FreePage(page);
    }

    protected override TdrId? RootOf(ConfidentialVm vm) => _tds.Find(td => td.Cpu.Vm == vm) is { Tdr.Value: not 0 } td ? td.Tdr : null;

    private void Enter(Stage stage)
    {
        switch (stage)
        {
            case Stage.Td: Td.Make(KeyOf(0)); break;
            case Stage.Connected: Session.Connect(); break;
            case Stage.Owned: Tdi.Give(); break;
            case Stage.Locked: Tdi.Lock(); break;
            case Stage.Offered: Tdi.Offer(); break;
            case Stage.Accepted: Tdi.AcceptAll(); break;
            case Stage.Running: Tdi.Run(); break;
            case Stage.Stopped: MustRelay(Tdi.Stop); break;
            case Stage.Unmapped: Tdi.UnmapAll(); break;
            case Stage.Removed: Tdi.Remove(); break;
            case Stage.Disconnected: Session.Disconnect(); break;
            case Stage.Gone: Td.Destroy(); break;
        }
    }
}
