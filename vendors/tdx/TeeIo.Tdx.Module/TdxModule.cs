using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci.IdeKm;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Hardware;
using TeeIo.Tdx.Module.Devices;
using TeeIo.Tdx.Module.Memory;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tdx.Status;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Module;

/// <summary>The reference model of a TDX module with TDX Connect, and of what the CPUs and the IOMMU do on its behalf. It takes the host's calls at <see cref="Seamcalls"/> and
/// those of each virtual CPU at what <see cref="CreateInstructions"/> makes. What it enforces, and what of it is our choice, is told in vendors/tdx/README.md.</summary>
public sealed class TdxModule : IConfidentialCpu
{
    private const int MaxAcceptTries = 16;
    private readonly TdTable _tds = new();
    private readonly TdMemory _memory;
    private readonly TdiTable _tdis;
    private readonly DmarTable _dmar;
    private readonly PrivateMmio _mmio;
    private readonly PageOwnership _pages;
    private readonly FirstTries _tries;
    private readonly PhysicalMemory _physical;
    private readonly Func<ConfidentialVm, TdrId?> _roots;
    private readonly CrossingHub? _hub;

    /// <summary>A module that waits for its configuration.</summary>
    /// <param name="memory">The machine's memory.</param>
    /// <param name="port">The root port's IDE streams.</param>
    /// <param name="requesters">Makes the module's end of an SPDM session with a physical function.</param>
    /// <param name="roots">Which TD a VM is. A CPU knows it from the vCPU that it runs; TDH.VP.ENTER isn't part of the model, so that the platform tells.</param>
    /// <param name="seed">What its random numbers follow from.</param>
    /// <param name="hub">Who learns of the calls, or null.</param>
    /// <param name="options">What it looks like; null for the usual.</param>
    public TdxModule(
        PhysicalMemory memory,
        IRootPortStreams port,
        Func<uint, ISpdmRequester> requesters,
        Func<ConfidentialVm, TdrId?> roots,
        int seed,
        CrossingHub? hub = null,
        TdxModuleOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(requesters);
        ArgumentNullException.ThrowIfNull(roots);
        Options = options ?? new TdxModuleOptions();
        (_roots, _hub, _physical) = (roots, hub, memory);
        var random = new Random(seed);
        var clock = new TrackingClock();
        var keys = new KeyIds(Options.KeyCount);
        var system = new SystemState(Options, keys);
        _tries = new FirstTries(Options.HasContention);
        _pages = new PageOwnership(memory);
        var arrays = new PageArray(memory, _pages);
        _memory = new TdMemory(_tds, _pages, memory, clock, _tries);
        var life = new TdLife(_tds, _pages, keys, memory, _tries, random);
        var sessions = new SpdmTable(Options, memory, _pages, arrays, _tries, requesters);
        var streams = new IdeStreamTable(Options, sessions, _pages, arrays, _tries, port, random);
        var iommus = new IommuTable(Options, memory, _pages, arrays, _tries);
        _tdis = new TdiTable(_tds, sessions, streams, iommus, _pages, arrays, random);
        var owners = new MmioOwnership(_tdis, _pages);
        _mmio = new PrivateMmio(Options, _tds, owners, memory, clock, _tries);
        _dmar = new DmarTable(_tds, _tdis, iommus, _pages, clock);
        var server = new HostCalls(Options, system, life, _memory, _pages, sessions, streams, iommus, _tdis, owners, _mmio, _dmar);
        Seamcalls = new SystemGate(system, new SeamcallDispatcher(server, hub));
    }

    /// <summary>What the module looks like.</summary>
    public TdxModuleOptions Options { get; }

    /// <summary>Where the host calls it.</summary>
    public ModelRegisterTransport Seamcalls { get; }

    /// <summary>Pages that the module owns.</summary>
    public int OwnedPages => _pages.Count;

    /// <summary>Pages that it gave back and that nobody has flushed since (TDH.PHYMEM.PAGE.WBINVD).</summary>
    public int UnflushedPages => _pages.UnflushedCount;

    /// <inheritdoc/>
    public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu)
    {
        ArgumentNullException.ThrowIfNull(vcpu);
        return new Tdcall.TdcallDispatcher(new GuestCalls(vcpu, () => FindTd(vcpu.Vm), _memory, _tdis, _mmio, _dmar, _physical, _tries), _hub);
    }

    /// <inheritdoc/>
    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return FindTd(vm) is { } td ? Walk(td, gpa) : PageWalk.Without(PageWalkResult.Denied);
    }

    /// <inheritdoc/>
    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite)
    {
        if (_dmar.Walk(requesterId) is not { } tdi) return PageWalk.Without(PageWalkResult.Denied);
        PageWalk walk = Walk(tdi.Td, address);
        return walk.Result == PageWalkResult.Mapped ? walk : PageWalk.Without(PageWalkResult.Denied);
    }

    /// <inheritdoc/>
    public bool AcceptPage(IVirtualCpu vcpu, ulong gpa)
    {
        var guest = new Tdcall.TdcallClient(CreateInstructions(vcpu), _hub);
        for (int i = 0; i < MaxAcceptTries; i++)
        {
            TdxStatus status = (TdxStatus)(guest.TryMemPageAccept(Tdcall.PageLevel.Size4k, gpa / SeamcallConstants.PageSize) & Tdcall.TdcallCalls.MemPageAccept.OutcomeMask);
            if (status != TdxStatus.OperandBusy) return status is TdxStatus.Success or TdxStatus.PageAlreadyAccepted;
        }

        return false;
    }

    /// <summary>The bit that marks a shared guest-physical address of <paramref name="vm"/>; 0 where it has no TD.</summary>
    public ulong SharedBit(ConfidentialVm vm) => FindTd(vm) is { } td ? 1UL << (td.GpaWidth - 1) : 0;

    /// <summary>MMIO isn't enciphered; all else is under the TD's key.</summary>
    private static PageWalk Walk(Td td, ulong gpa)
    {
        ulong gpaPage = gpa / SeamcallConstants.PageSize;
        if (!td.IsPrivate(gpaPage) || td.Lifecycle != TdLifecycleState.KeysConfigured) return PageWalk.Without(PageWalkResult.Denied);
        if (!td.Sept.TryGet(gpaPage, out SeptEntry entry)) return PageWalk.Without(PageWalkResult.NotMapped);
        return entry.State switch
        {
            SeptState.Mapped => new PageWalk(PageWalkResult.Mapped, entry.HostAddress + (gpa % SeamcallConstants.PageSize), entry.IsMmio ? KeyId.Shared : td.Key),
            SeptState.Pending => PageWalk.Without(PageWalkResult.Pending),
            _ => PageWalk.Without(PageWalkResult.Denied),
        };
    }

    private Td? FindTd(ConfidentialVm vm) => _roots(vm) is { } tdr && _tds.TryGet(tdr.Value, out Td? td) ? td : null;
}
