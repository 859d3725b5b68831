using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Platform.Tests;

/// <summary>A vendor without firmware: a table of private pages for each VM, one key a VM, and a log of what it was asked to do.</summary>
internal sealed class PlainVendor : IVendorPlatform, IConfidentialCpu, IExitEncoder, IHostTsm, IConfidentialMemory, ITrustedIommu
{
    private readonly Dictionary<ConfidentialVm, Dictionary<ulong, ulong>> _private = [];
    private readonly Dictionary<ConfidentialVm, KeyId> _keys = [];

    public List<string> Log { get; } = [];

    /// <summary>What bind returns.</summary>
    public SysResult BindResult { get; set; }

    /// <summary>What unbind returns.</summary>
    public SysResult UnbindResult { get; set; }

    /// <summary>What taking a VM away returns.</summary>
    public SysResult DestroyResult { get; set; }

    /// <summary>What taking trusted tables down returns.</summary>
    public SysResult TearDownResult { get; set; }

    /// <summary>What unmapping private memory returns; where it fails the page stays mapped.</summary>
    public SysResult UnmapResult { get; set; }

    /// <summary>What unmapping private MMIO returns; where it fails the pages stay mapped.</summary>
    public SysResult UnmapMmioResult { get; set; }

    /// <summary>Whether unbind calls back up, as one vendor's does.</summary>
    public bool UsesServices { get; set; } = true;

    public string Name => "plain";

    public uint MachineType { get; init; } = 5;

    public uint Architecture { get; set; } = 3;

    /// <summary>What a guest's request gets as the architecture's own result.</summary>
    public ulong RequestCode { get; set; }

    /// <summary>What a guest's request returns, where that isn't an echo.</summary>
    public SysResult? RequestResult { get; set; }

    /// <summary>Bytes of the last request, and of the room for its response; null before.</summary>
    public (int Request, int Response)? LastRequest { get; set; }

    /// <summary>What selected the last request.</summary>
    public uint Selector { get; private set; }

    public IConfidentialCpu Cpu => this;

    public IExitEncoder Exits => this;

    public IHostTsm HostTsm => this;

    public IConfidentialMemory Memory => this;

    public ITrustedIommu Iommu => this;

    public IReadOnlyList<ITraceInvariant> Invariants => [];

    public IReadOnlyDictionary<ulong, ulong> PrivatePages(int vm) => _private.ElementAt(vm).Value;

    public FlowProfile? Flow(string profile) => null;

    public IGuestCallDecoder CreateDecoder(VmmContext context) => throw new NotSupportedException("The tests need none.");

    public IAcceptRequests CreateAcceptRequests(VmmContext context) => throw new NotSupportedException("The tests need none.");

    public IGuestTsm CreateGuestTsm(GuestMachine machine, CrossingHub hub) => throw new NotSupportedException("The tests need none.");

    public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite) =>
        _private[vm].TryGetValue(gpa / PhysicalMemory.PageSize, out ulong hpa)
            ? new PageWalk(PageWalkResult.Mapped, hpa + (gpa % PhysicalMemory.PageSize), _keys[vm])
            : PageWalk.Without(PageWalkResult.NotMapped);

    public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite) => PageWalk.Without(PageWalkResult.NotMapped);

    public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu) => new Instruction(vcpu);

    public uint? Encode(IExitingVcpu vcpu, ref RegisterFile registers, Span<byte> exit)
    {
        if (registers[Register.Rax] == 0) return null;
        exit[0] = (byte)registers[Register.Rax];
        return 40;
    }

    public void Complete(IExitingVcpu vcpu, ref RegisterFile registers, ReadOnlySpan<byte> exit) => registers[Register.Rax] = exit[1];

    public SysResult Probe(TsmFunction function) => SysResult.Ok;

    public SysResult Remove(TsmFunction function) => SysResult.Ok;

    public SysResult Connect(TsmFunction function) => SysResult.Ok;

    public SysResult Disconnect(TsmFunction function) => SysResult.Ok;

    public SysResult Bind(Tdi tdi) => Note("bind", BindResult);

    public SysResult Unbind(Tdi tdi, ITdiServices services)
    {
        if (UsesServices)
        {
            services.DisableMmio(tdi);
            services.DisableDma(tdi);
            services.EnableMmio(tdi);
        }

        return Note("unbind", UnbindResult);
    }

    public SysResult GuestReq(Tdi tdi, uint selector, ReadOnlySpan<byte> request, Span<byte> response, out ulong tsmCode)
    {
        (Selector, tsmCode) = (selector, RequestCode);
        LastRequest = (request.Length, response.Length);
        if (RequestResult is { } result) return result;
        if (request.Length > response.Length) return Errno.ENOSPC;
        request.CopyTo(response);
        return SysResult.Of(response.Length - request.Length);
    }

    public SysResult CreateVm(ConfidentialVm vm)
    {
        _private.Add(vm, []);
        _keys.Add(vm, new KeyId((ushort)vm.CrossingId));
        return Note("create", SysResult.Ok);
    }

    public SysResult DestroyVm(ConfidentialVm vm) => Note("destroy", DestroyResult);

    public SysResult MapPrivate(ConfidentialVm vm, ulong gpa, ulong hpa)
    {
        _private[vm].Add(gpa / PhysicalMemory.PageSize, hpa);
        return SysResult.Ok;
    }

    public SysResult UnmapPrivate(ConfidentialVm vm, ulong gpa) => !UnmapResult.IsOk ? UnmapResult : _private[vm].Remove(gpa / PhysicalMemory.PageSize) ? SysResult.Ok : Errno.EIO;

    public SysResult MapMmio(ConfidentialVm vm, ulong gpa, ulong hpa, uint pages)
    {
        for (uint i = 0; i < pages; i++) _private[vm].Add((gpa / PhysicalMemory.PageSize) + i, hpa + (i * PhysicalMemory.PageSize));
        return Note("map mmio", SysResult.Ok);
    }

    public SysResult UnmapMmio(ConfidentialVm vm, ulong gpa, uint pages)
    {
        for (uint i = 0; UnmapMmioResult.IsOk && i < pages; i++) _private[vm].Remove((gpa / PhysicalMemory.PageSize) + i);
        return Note("unmap mmio", UnmapMmioResult);
    }

    public SysResult SetUp(TsmFunction function, ConfidentialVm vm) => Note("set up", SysResult.Ok);

    public SysResult TearDown(TsmFunction function, ConfidentialVm vm) => Note("tear down", TearDownResult);

    private SysResult Note(string what, SysResult result)
    {
        Log.Add(what);
        return result;
    }

    private sealed class Instruction(IVirtualCpu vcpu) : ModelRegisterTransport
    {
        public override void Call(CallInfo call, ref RegisterFile registers) => vcpu.ExitWithCall(ref registers);
    }
}
