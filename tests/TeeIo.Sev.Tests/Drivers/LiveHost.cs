using System.Security.Cryptography;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Pci;
using TeeIo.Pci.Spdm;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Hardware;
using TeeIo.Scheduling;
using TeeIo.Sev.Firmware;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Host;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>The host's drivers above the firmware's model and the platform's device, and a life of one TDI as the kernel asks for it.</summary>
internal sealed class LiveHost : ITdiServices, IPciTopology, IDisposable
{
    public const ulong Gpa = 0x4000_0000;
    private const ulong MmioBase = 0x8000_0000;
    private readonly TeeDevice _device;
    private readonly SevVmTable _vms = new();
    private readonly int _free;

    public LiveHost()
    {
        var hub = new CrossingHub([], Fault);
        Memory = new PhysicalMemory(256, seed: 1);
        Pages = new HostPages(Memory);
        var iommu = new TeeIo.Platform.Hardware.Iommu(Memory);
        var port = new RootPort(2);
        _device = new TeeDevice(new TeeDeviceOptions(PciAddress.Of(0, 1, 0, 0), VirtualFunctions: 1, MmioBase), Memory, iommu, port, CrossingHub.Silent, seed: 1);
        foreach (PciFunctionModel function in _device.Functions) function.WriteConfig(4, 2, 6);
        var random = new Random(1);
        Sp = new AmdSp(Memory, port, _ => new SpdmRequester(ModelAuthority.CreateVerifier(TimeProvider.System), random), _vms, _vms.ContextOf, seed: 1);
        Firmware = new SevFirmware(Sp.Commands, Sp.HostInstructions, Pages, new LockOrder(new DeterministicScheduler(1)), hub, Sp.WriteBackCaches);
        Kvm = new SevConfidentialMemory(Firmware, _vms, [1]);
        Host = new SevHostTsm(Firmware, this, new MachineIdeStreams(port), _vms);
        Port = port;
        Physical = new TsmFunction(_device.Functions[0].Address, dsm: null, Unreliable);
        Unreliable.Inner = _device.Functions[0].Mailbox;
        Tdi = new Tdi(new TsmFunction(_device.Functions[1].Address, Physical, mailbox: null), Vm, id: 0x20, epoch: 1);
        Assert.True(Firmware.Start().IsOk);
        _free = Memory.FreePages;
    }

    public CallFault Fault { get; } = new();

    public UnreliableMailbox Unreliable { get; } = new();

    public PhysicalMemory Memory { get; }

    public HostPages Pages { get; }

    public RootPort Port { get; }

    public AmdSp Sp { get; }

    public SevFirmware Firmware { get; }

    public SevConfidentialMemory Kvm { get; }

    public SevHostTsm Host { get; }

    public TsmFunction Physical { get; }

    public ConfidentialVm Vm { get; } = new Guest();

    public Tdi Tdi { get; }

    /// <summary>Connects, makes the VM and binds, up to the first failure.</summary>
    public SysResult GoForward()
    {
        SysResult result = Host.Probe(Physical);
        if (result.IsOk) result = Host.Connect(Physical);
        if (result.IsOk) result = Kvm.CreateVm(Vm);
        return result.IsOk ? Host.Bind(Tdi) : result;
    }

    /// <summary>Serves the guest of a bound TDI, and gives it private MMIO.</summary>
    public SysResult Serve()
    {
        SysResult result = Ask(SevRequestOperation.Measurements, out _, nonce: 7);
        if (result.IsOk) result = Ask(SevRequestOperation.Run, out _);
        if (result.IsOk) result = Kvm.MapMmio(Vm, Gpa, MmioBase, 1);
        return result.IsOk ? Kvm.ReclaimMmio(Vm, Gpa, 1) : result;
    }

    public SysResult Ask(SevRequestOperation operation, out byte[] response, byte nonce = 0, ulong request = 0, ulong answer = 0)
    {
        var asked = new SevGuestRequest { Version = SevGuestRequestConstants.Version, Operation = operation, ReqSpa = request, RspSpa = answer };
        asked.Nonce[0] = nonce;
        byte[] bytes = new byte[SevGuestRequest.ByteSize];
        asked.Write(bytes);
        byte[] room = new byte[0x4000];
        SysResult result = Host.GuestReq(Tdi, 0, bytes, room, out _);
        response = result.IsOk ? room[..^(int)result.Value] : [];
        return result;
    }

    /// <summary>Takes down what there is, in the kernel's order, and past failures.</summary>
    public bool GoBack()
    {
        bool unbound = Host.Unbind(Tdi, this).IsOk;
        bool destroyed = Kvm.DestroyVm(Vm).IsOk;
        bool disconnected = Host.Disconnect(Physical).IsOk;
        return Host.Remove(Physical).IsOk && unbound && destroyed && disconnected;
    }

    /// <summary>Everything is where it was when the machine had booted.</summary>
    public void AssertAsBooted(string when)
    {
        Assert.True(Pages.Quarantined.Count == 0, $"{when}: {string.Join(", ", Pages.Quarantined.Values)}");
        Assert.Equal((when, 0, 0, _free, false), (when, Sp.OwnedPages, Pages.Taken, Memory.FreePages, Port.IsOpen(0)));
    }

    /// <summary>No page that the host would give to somebody else is the firmware's or a guest's, and none is unaccounted for.</summary>
    public void AssertNothingOfOthersIsFree(string when)
    {
        Fault.Heal();
        int quarantined = Pages.Quarantined.Keys.Count(Memory.IsMemory);
        Assert.Equal((when, _free), (when, Memory.FreePages + Pages.Taken + quarantined));
        for (ulong page = Memory.AllocatePage(); page != 0; page = Memory.AllocatePage())
        {
            byte[] mark = RandomNumberGenerator.GetBytes(8);
            Pages.Write(page, mark);
            Assert.True(Firmware.Pages.TryGive([page]), $"{when}: page {page:x} is immutable, and free");
        }
    }

    public byte RootPortOf(PciAddress function) => 8;

    public byte RootPortNumberOf(PciAddress function) => 1;

    public ushort LastRequesterId(PciAddress function) => _device.Functions[^1].Address.RequesterId;

    public IReadOnlyList<ulong> MmioPages(PciAddress function) => [MmioBase, MmioBase + 0x1000];

    public SysResult DisableMmio(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public SysResult DisableDma(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public SysResult EnableMmio(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public void Dispose()
    {
        _device.Dispose();
        Memory.Dispose();
    }

    private sealed class Guest() : ConfidentialVm(1, "vm0");
}
