using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Scheduling;
using TeeIo.Tdx.Host;
using TeeIo.Tdx.Iommu;
using TeeIo.Tdx.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The host's drivers above a scripted module.</summary>
internal sealed class HostFixture : ITdiServices, IDoeMailbox, IPciTopology
{
    public HostFixture()
    {
        Module = new ScriptedModule { Pages = Pages };
        Seam = new TdxSeam(Module, Pages, new LockOrder(new DeterministicScheduler(1)), CrossingHub.Silent);
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
