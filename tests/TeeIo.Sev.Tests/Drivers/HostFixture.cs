using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Pci;
using TeeIo.Pci.Doe;
using TeeIo.Scheduling;
using TeeIo.Sev.GuestRequest;
using TeeIo.Sev.Host;
using TeeIo.Sev.Kvm;
using TeeIo.Tsm;

namespace TeeIo.Sev.Tests.Drivers;

/// <summary>The host's drivers above scripted firmware, with a device that answers what it is told.</summary>
internal sealed class HostFixture : ITdiServices, IDoeMailbox, IPciTopology, IIdeStreams
{
    public const ulong Gpa = 0x4000_0000;
    public const ulong Mmio = 0x8000_0000;

    private ulong _page;

    /// <param name="way">What stands between the drivers and the firmware; nothing by default.</param>
    public HostFixture(Func<ScriptedFirmware, HostMemory, CommandTransport>? way = null)
    {
        Firmware = new ScriptedFirmware(Pages);
        Sev = new SevFirmware(way?.Invoke(Firmware, Pages) ?? Firmware, Pages, Pages, new LockOrder(new DeterministicScheduler(1)), CrossingHub.Silent, () => Firmware.Calls.Add("WBINVD"));
        Memory = new SevConfidentialMemory(Sev, Vms, [1, 2]);
        Host = new SevHostTsm(Sev, this, this, Vms);
        Physical = new TsmFunction(PciAddress.Of(0, 1, 0, 0), dsm: null, this);
        Virtual = new TsmFunction(PciAddress.Of(0, 1, 0, 1), Physical, mailbox: null);
        Tdi = new Tdi(Virtual, Vm, id: 0x20, epoch: 1);
    }

    public HostMemory Pages { get; } = new();

    public ScriptedFirmware Firmware { get; }

    public SevFirmware Sev { get; }

    public SevVmTable Vms { get; } = new();

    public SevConfidentialMemory Memory { get; }

    public SevHostTsm Host { get; }

    public TsmFunction Physical { get; }

    public TsmFunction Virtual { get; }

    public ConfidentialVm Vm { get; } = new Guest(1);

    public Tdi Tdi { get; }

    public SevVm Known => Vms.Find(Vm)!;

    /// <summary>What the mailbox serves.</summary>
    public DoeObjectType[] Types { get; set; } = [DoeObjectType.Discovery, DoeObjectType.Spdm, DoeObjectType.SecuredSpdm];

    /// <summary>Objects that reached the device, and how it answers.</summary>
    public List<byte[]> Sent { get; } = [];

    public Func<byte[], byte[]?> Device { get; set; } = static request => request;

    /// <summary>What was done with IDE registers.</summary>
    public List<string> Streams { get; } = [];

    public Errno StreamError { get; set; }

    /// <summary>Boots.</summary>
    public HostFixture Boot()
    {
        Assert.True(Sev.Start().IsOk);
        Firmware.Calls.Clear();
        return this;
    }

    /// <summary>Boots, makes a VM and connects.</summary>
    public HostFixture Connected()
    {
        Boot();
        Assert.True(Memory.CreateVm(Vm).IsOk);
        Assert.True(Host.Probe(Physical).IsOk);
        Assert.True(Host.Connect(Physical).IsOk);
        Assert.True(Host.Probe(Virtual).IsOk);
        Firmware.Calls.Clear();
        return this;
    }

    /// <summary>All that, and binds.</summary>
    public HostFixture Bound()
    {
        Connected();
        Assert.True(Host.Bind(Tdi).IsOk);
        Firmware.Calls.Clear();
        return this;
    }

    public SysResult Ask(SevRequestOperation operation, Span<byte> response, out ulong code, Action<SevGuestRequest[]>? with = null)
    {
        SevGuestRequest[] asked = [new SevGuestRequest { Version = SevGuestRequestConstants.Version, Operation = operation }];
        with?.Invoke(asked);
        byte[] request = new byte[SevGuestRequest.ByteSize];
        asked[0].Write(request);
        return Host.GuestReq(Tdi, 0, request, response, out code);
    }

    /// <summary>Makes a VM, connects, binds and serves the guest, up to the first failure.</summary>
    public bool GoForward()
    {
        _page = Pages.Allocate();
        return Memory.CreateVm(Vm).IsOk && Host.Probe(Physical).IsOk && Host.Connect(Physical).IsOk && Host.Probe(Virtual).IsOk && Host.Bind(Tdi).IsOk
            && Memory.MapPrivate(Vm, 0x1000, _page).IsOk && Enum.GetValues<SevRequestOperation>().All(IsServed) && Memory.MapMmio(Vm, Gpa, Mmio, 2).IsOk;
    }

    /// <summary>The same back, the guest's memory with it, whatever fails.</summary>
    public void GoBackPastFailures()
    {
        Memory.UnmapMmio(Vm, Gpa, 2);
        Host.Unbind(Tdi, this);
        bool isFree = Memory.UnmapPrivate(Vm, 0x1000).IsOk;
        Memory.DestroyVm(Vm);
        Host.Disconnect(Physical);
        Host.Remove(Physical);
        if (isFree) Pages.Free(_page);
    }

    private bool IsServed(SevRequestOperation operation)
    {
        (ulong request, ulong response) = (Pages.Allocate(), Pages.Allocate());
        using IDisposable announced = Known.Announce(request, response);
        SysResult served = Ask(operation, new byte[0x1000], out _, asked => (asked[0].ReqSpa, asked[0].RspSpa) = (request, response));
        Pages.Free(request);
        Pages.Free(response);
        return served.IsOk;
    }

    /// <summary>Takes down what there is, in the kernel's order, and past failures.</summary>
    public bool GoBack()
    {
        bool unbound = Host.Unbind(Tdi, this).IsOk;
        bool destroyed = Memory.DestroyVm(Vm).IsOk;
        bool disconnected = Host.Disconnect(Physical).IsOk;
        return Host.Remove(Physical).IsOk && unbound && destroyed && disconnected;
    }

    public SysResult DisableMmio(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public SysResult DisableDma(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public SysResult EnableMmio(Tdi tdi) => throw new NotSupportedException("The driver needs no services.");

    public SysResult Exchange(ReadOnlySpan<byte> request, Span<byte> response)
    {
        Assert.True(DoeObject.TryRead(request, out DoeObjectType type, out ReadOnlySpan<byte> content));
        byte[]? answer = type == DoeObjectType.Discovery ? DoeDiscovery.Answer(content, Types) : Device(request.ToArray());
        if (type != DoeObjectType.Discovery) Sent.Add(request.ToArray());
        if (answer is null) return Errno.EIO;
        if (answer.Length > response.Length) return Errno.EMSGSIZE;
        answer.CopyTo(response);
        return SysResult.Of(answer.Length);
    }

    public byte RootPortOf(PciAddress function) => 8;

    public byte RootPortNumberOf(PciAddress function) => 3;

    public ushort LastRequesterId(PciAddress function) => 0x107;

    public IReadOnlyList<ulong> MmioPages(PciAddress function) => [Mmio, Mmio + 0x1000, Mmio + 0x2000];

    public SysResult Open(PciAddress function, byte streamId, ushort firstRid, ushort lastRid)
    {
        Streams.Add($"open {streamId} {firstRid:x}-{lastRid:x}");
        Firmware.Calls.Add("stream open");
        return StreamError;
    }

    public SysResult Enable(PciAddress function, byte streamId)
    {
        Firmware.Calls.Add("stream on");
        return SysResult.Ok;
    }

    public void Close(PciAddress function, byte streamId)
    {
        Streams.Add($"close {streamId}");
        Firmware.Calls.Add("stream close");
    }

    private sealed class Guest(ulong id) : ConfidentialVm(id, $"vm{id}");
}
