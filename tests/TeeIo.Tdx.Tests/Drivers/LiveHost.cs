using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Platform;
using TeeIo.Scheduling;
using TeeIo.Tdx.GuestRequest;
using TeeIo.Tdx.Module;
using TeeIo.Tdx.Seamcall;
using TeeIo.Tsm;

namespace TeeIo.Tdx.Tests.Drivers;

/// <summary>The host's drivers above the module's model, and a life of one TDI as the kernel asks for it.</summary>
internal sealed class LiveHost : ITdiServices, IDisposable
{
    private readonly SoftwareMachine _machine;
    private readonly TdxPlatform _platform;
    private readonly int _owned;
    private readonly int _taken;
    private readonly int _free;

    public LiveHost()
    {
        var scheduler = new DeterministicScheduler(1);
        var options = new SoftwareMachineOptions { MemoryPages = 256, VirtualFunctions = 1 };
        TdxPlatform? platform = null;
        _machine = new SoftwareMachine(options, scheduler, new LockOrder(scheduler), new CrossingHub([], Fault), machine => platform = new TdxPlatform(machine));
        _platform = platform!;
        Tdi = new Tdi(_machine.Functions[1], Vm, id: 0x20, epoch: 1);
        (_owned, _taken, _free) = (_platform.Module.OwnedPages, _machine.Pages.Taken, _machine.Memory.FreePages);
    }

    /// <summary>What happens to SEAMCALLs.</summary>
    public SeamcallFault Fault { get; } = new();

    public ConfidentialVm Vm { get; } = new Guest();

    public Tdi Tdi { get; }

    private TsmFunction Physical => _machine.Functions[0];

    /// <summary>Connects, makes the VM and binds, up to the first failure.</summary>
    public SysResult GoForward()
    {
        SysResult result = _platform.HostTsm.Probe(Physical);
        if (result.IsOk) result = _platform.HostTsm.Connect(Physical);
        if (result.IsOk) result = _platform.Memory.CreateVm(Vm);
        if (result.IsOk) result = _platform.Iommu.SetUp(Tdi.Function, Vm);
        return result.IsOk ? _platform.HostTsm.Bind(Tdi) : result;
    }

    /// <summary>Serves the guest of a bound TDI.</summary>
    public SysResult Serve()
    {
        SysResult result = Ask(GuestRequestOperation.InfoReport);
        return result.IsOk ? Ask(GuestRequestOperation.AcceptDma) : result;
    }

    /// <summary>Takes down what there is, in the kernel's order, and past failures.</summary>
    public bool GoBack()
    {
        bool unbound = _platform.HostTsm.Unbind(Tdi, this).IsOk;
        bool tornDown = _platform.Iommu.TearDown(Tdi.Function, Vm).IsOk;
        bool destroyed = _platform.Memory.DestroyVm(Vm).IsOk;
        bool disconnected = _platform.HostTsm.Disconnect(Physical).IsOk;
        return _platform.HostTsm.Remove(Physical).IsOk && unbound && tornDown && destroyed && disconnected;
    }

    /// <summary>Everything is where it was when the machine had booted.</summary>
    public void AssertAsBooted(string when)
    {
        Assert.True(_machine.Pages.Quarantined.Count == 0, $"{when}: {string.Join(", ", _machine.Pages.Quarantined.Values)}");
        Assert.Equal((when, _owned, _taken, _free), (when, _platform.Module.OwnedPages, _machine.Pages.Taken, _machine.Memory.FreePages));
        Assert.Equal((when, 0), (when, _platform.Module.UnflushedPages));
    }

    /// <summary>No page that the host would give to somebody else is the module's, and none is unaccounted for.</summary>
    public void AssertNothingOfTheModuleIsFree(string when)
    {
        Assert.Equal((when, _free + _taken), (when, _machine.Memory.FreePages + _machine.Pages.Taken + _machine.Pages.Quarantined.Count));
        Fault.Heal();
        var calls = new SeamcallClient(_platform.Module.Seamcalls);
        for (ulong page = _machine.Memory.AllocatePage(); page != 0; page = _machine.Memory.AllocatePage())
            Assert.Equal((when, 0UL), (when, calls.TryPhymemPageWbinvd(page)));
    }

    public SysResult DisableMmio(Tdi tdi) => SysResult.Ok;

    public SysResult DisableDma(Tdi tdi) => _platform.Iommu.TearDown(tdi.Function, Vm);

    public SysResult EnableMmio(Tdi tdi) => SysResult.Ok;

    public void Dispose() => _machine.Dispose();

    private SysResult Ask(GuestRequestOperation operation)
    {
        byte[] request = new byte[TdxGuestRequest.ByteSize];
        new TdxGuestRequest { Version = GuestRequestConstants.Version, Operation = operation }.Write(request);
        return _platform.HostTsm.GuestReq(Tdi, 0, request, new byte[Tdcm.TdcmConstants.MaxReportSize], out _);
    }

    private sealed class Guest() : ConfidentialVm(1, "vm0");
}
