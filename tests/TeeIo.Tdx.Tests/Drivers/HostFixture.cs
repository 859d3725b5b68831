using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Scheduling;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Iommu;
using TeeIo.Tdx.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The host's drivers above a scripted module.</summary>
internal sealed class HostFixture : ITdiServices, IDoeMailbox, IPciTopology
{
    private ulong _page;

    /// <param name="way">What stands between the drivers and the module; nothing by default.</param>
    public HostFixture(Func<ScriptedModule, ModelRegisterTransport>? way = null)
    {
        Module = new ScriptedModule { Pages = Pages };
        Seam = new TdxSeam(way?.Invoke(Module) ?? Module, Pages, new LockOrder(new DeterministicScheduler(1)), CrossingHub.Silent);
        Iommu = new TdxTrustedIommu(Seam, Vms);
        Memory = new TdxConfidentialMemory(Seam, Vms, Iommu, [1, 2], vcpusPerVm: 2);
        Host = new TdxHostTsm(Seam, this, Vms, Iommu);
        Physical = new TsmFunction(PciAddress.Of(0, 1, 0, 0), dsm: null, this);
        Virtual = new TsmFunction(PciAddress.Of(0, 1, 0, 1), Physical, mailbox: null);
        Tdi = new Tdi(Virtual, Vm, id: 0x20, epoch: 1);
    }

    public ScriptedModule Module { get; }

    public HostPages Pages { get; } = new();

    public TdxSeam Seam { get; }

    public TdxVmTable Vms { get; } = new();

    public TdxTrustedIommu Iommu { get; }

    public TdxConfidentialMemory Memory { get; }

    public TdxHostTsm Host { get; }

    public TsmFunction Physical { get; }

    public TsmFunction Virtual { get; }

    public ConfidentialVm Vm { get; } = new Guest();

    public Tdi Tdi { get; }

    /// <summary>The service that fails, or null.</summary>
    public string? FailingService { get; set; }

    public int Messages { get; private set; }

    public SysResult Start()
    {
        Assert.True(Iommu.Start(0xFED9_0000).IsOk);
        Assert.True(Memory.CreateVm(Vm).IsOk);
        Assert.True(Host.Probe(Physical).IsOk);
        SysResult connected = Host.Connect(Physical);
        Assert.True(connected.IsOk);
        return Iommu.SetUp(Virtual, Vm);
    }

    /// <summary>Makes the VM, connects, binds and serves the guest, up to the first failure.</summary>
    public bool GoForward()
    {
        _page = Pages.Allocate();
        return GoOn();
    }

    private bool GoOn() => Memory.CreateVm(Vm).IsOk && Host.Probe(Physical).IsOk && Host.Connect(Physical).IsOk && Iommu.SetUp(Virtual, Vm).IsOk && Host.Bind(Tdi).IsOk
        && Memory.MapPrivate(Vm, 0x1000, _page).IsOk && Enum.GetValues<GuestRequestOperation>().All(o => Ask(o).IsOk) && Memory.MapMmio(Vm, 0x4000_0000, 0x8000_0000, 2).IsOk;

    /// <summary>Takes down what there is, in the kernel's order, and past failures.</summary>
    public void GoBack()
    {
        Memory.UnmapMmio(Vm, 0x4000_0000, 2);
        Host.Unbind(Tdi, this);
        Iommu.TearDown(Virtual, Vm);
        if (Memory.UnmapPrivate(Vm, 0x1000).IsOk) Pages.Free(_page);
        Memory.DestroyVm(Vm);
        Host.Disconnect(Physical);
        Host.Remove(Physical);
    }

    public SysResult Ask(GuestRequestOperation operation)
    {
        byte[] request = new byte[TdxGuestRequest.ByteSize];
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = operation }.Write(request);
        return Host.GuestReq(Tdi, 0, request, new byte[0x1000], out _);
    }

    public SysResult DisableMmio(Tdi tdi) => Serve("disable_mmio");

    public SysResult DisableDma(Tdi tdi) => Serve("disable_dma");

    public SysResult EnableMmio(Tdi tdi) => Serve("enable_mmio");

    public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        Messages++;
        request.CopyTo(response);
        return SysResult.Of(request.Length);
    }

    public byte RootPortOf(PciAddress function) => 8;

    public byte RootPortNumberOf(PciAddress function) => 1;

    public ushort LastRequesterId(PciAddress function) => 0x107;

    public IReadOnlyList<ulong> MmioPages(PciAddress function) => [0x8000_0000, 0x8000_1000];

    private SysResult Serve(string service)
    {
        Module.Calls.Add(service);
        return service == FailingService ? Linux.Errno.EIO : SysResult.Ok;
    }

    private sealed class Guest() : ConfidentialVm(1, "vm0");
}
