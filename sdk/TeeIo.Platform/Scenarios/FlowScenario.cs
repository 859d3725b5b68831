using System.Collections.Immutable;
using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Pci.ModelDevice;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Platform.Scenarios;

/// <summary>The whole flow with its full cast: an admin, one physical function with two VFs, two VMs of two vCPUs each, each with one VF.</summary>
public sealed class FlowScenario
{
    private const ushort GuestRequesterId = 3 << 3;
    private readonly FlowScenarioOptions _options;
    private readonly DeterministicScheduler _scheduler;
    private readonly TraceRecorder _recorder = new();
    private readonly List<string> _log = [];
    private readonly List<string> _leftOpen = [];
    private readonly CrossingHub _hub;
    private readonly SoftwareMachine _machine;
    private readonly FlowProfile _profile;
    private readonly FlowStage _stage;
    private int _running;
    private int _heldWhenConnected;

    private FlowScenario(FlowScenarioOptions options)
    {
        _options = options;
        _scheduler = new DeterministicScheduler(options.Scheduling ?? new SeededPolicy(options.Seed));
        var injector = new LateInjector();
        _hub = new CrossingHub([_recorder, options.Monitor], injector, _scheduler);
        if (!SoftwareKernel.Profiles.Contains(options.Profile))
            throw new ProfileNotSupportedException($"there is no profile '{options.Profile}'; known: {string.Join(", ", SoftwareKernel.Profiles)}");
        _machine = new SoftwareMachine(new SoftwareMachineOptions { Profile = options.Profile, Seed = options.Seed }, _scheduler, new LockOrder(_scheduler), _hub, options.Vendor);
        _profile = _machine.Vendor.Flow(options.Profile)
            ?? throw new ProfileNotSupportedException(
                $"the flow of {_machine.Vendor.Name} doesn't run under profile '{options.Profile}'; it runs under {string.Join(", ", SoftwareKernel.Profiles.Where(p => _machine.Vendor.Flow(p) is not null))}");
        _machine.Watch(options.Monitor, _profile);
        injector.Inner = options.Injector?.Invoke(_profile);
        _stage = new FlowStage(_machine, _scheduler, _hub);
    }

    /// <summary>Runs the flow and checks it.</summary>
    /// <exception cref="ProfileNotSupportedException">The vendor's flow doesn't run under that profile.</exception>
    public static FlowOutcome Run(FlowScenarioOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new FlowScenario(options).Run();
    }

    private FlowOutcome Run()
    {
        _scheduler.Start("admin", AdministerAmidEvent);
        _scheduler.Run();
        FlowReport report = new FlowChecker(_profile, []).Check(_machine.Vendor.Name, _recorder.Trace, SubjectOf(0));
        FlowOutcome outcome = Account(new FlowOutcome(report, _recorder.Trace, [.. _log]), mayBeRetried: true);
        IEnumerable<string> found = _options.Monitor.Violations.Select(v => v.ToString())
            .Concat(_machine.Unaccounted().Concat(_leftOpen).Select(l => "invariant 5 (nothing unaccounted): " + l));
        outcome = outcome with { Report = report with { Violations = [.. report.Violations, .. _log, .. found] } };
        return _options.HasAftermath ? GoOn(outcome) : outcome;
    }

    /// <summary>Tries again whatever failed, and then, where nothing is in quarantine, runs the flow again on the same machine.</summary>
    private FlowOutcome GoOn(FlowOutcome first)
    {
        _options.EndFaults?.Invoke();
        if (CanRetry)
        {
            _scheduler.Start("admin", Retry);
            _scheduler.Run();
            first = first with { Retried = Account(first, mayBeRetried: false) };
        }

        if ((first.Retried ?? first).HasQuarantine) return first;
        _log.Clear();
        _scheduler.Start("admin", () =>
        {
            _options.Event?.Repair(_stage);
            Administer();
        });
        _scheduler.Run();
        return first with { Aftermath = [.. _log, .. Account(first, mayBeRetried: false).Lost], Violations = [.. _options.Monitor.Violations] };
    }

    /// <summary>Whether a teardown has failed that can be tried again.</summary>
    private bool CanRetry => _machine.QuarantinedFunctions.Any() || _machine.Kernel.QuarantinedVms.Count > 0 || _machine.Functions[0].IsConnected;

    private void Retry()
    {
        _machine.Kernel.Retry();
        if (_machine.Functions[0].IsConnected) _machine.Tsm.Disconnect(_machine.Functions[0]);
    }

    private FlowOutcome Account(FlowOutcome outcome, bool mayBeRetried) => outcome with
    {
        Violations = [.. _options.Monitor.Violations],
        Lost = [.. _machine.Lost(), .. _leftOpen, .. mayBeRetried && CanRetry ? [] : Held()],
        QuarantinedPages = _machine.Pages.Quarantined.ToImmutableDictionary(),
        QuarantinedFunctions = [.. _machine.QuarantinedFunctions],
        QuarantinedVms = [.. _machine.Kernel.QuarantinedVms],
        TdiStates = [.. _machine.Device.Functions.Select(f => f.TdiState)],
    };

    /// <summary>Pages that drivers have beyond those of a connected device.</summary>
    private IEnumerable<string> Held()
    {
        int held = _machine.HeldPages - (_machine.Functions[0].IsConnected ? _heldWhenConnected : 0);
        if (held != 0) yield return $"drivers have {held} pages more than they answer for";
    }

    private static string NameOf(int vm) => $"vm{vm}";

    private static string SubjectOf(int vm) => VirtualMachineMonitor.SubjectOf(NameOf(vm), GuestRequesterId);

    private void AdministerAmidEvent()
    {
        bool hasEnded = _options.Event is null;
        if (_options.Event is { } happening)
        {
            _scheduler.Start("event", () =>
            {
                happening.Run(_stage);
                hasEnded = true;
            });
        }

        Administer();
        _stage.IsOver = true;
        if (!hasEnded) _scheduler.WaitUntil(() => hasEnded, "the event to end");
    }

    private void Administer()
    {
        TsmFunction physical = _machine.Functions[0];
        _machine.Enumerate();
        if (Note("admin", "connect", _machine.Tsm.Connect(physical))) _heldWhenConnected = _machine.HeldPages;
        _running = _options.Vms;
        for (int i = 0; i < _options.Vms; i++)
        {
            int vm = i;
            _scheduler.Start($"{NameOf(vm)}/main", () => RunVm(vm));
        }

        _scheduler.WaitUntil(() => _running == 0, "the VMs to end");
        Note("admin", "disconnect", _machine.Tsm.Disconnect(physical));
    }

    private void RunVm(int index)
    {
        SoftwareProcess process = _machine.Kernel.CreateProcess(NameOf(index));
        _stage.Add(index, process);
        try
        {
            process.Guest = machine => RunGuest(index, machine);
            var options = new VmmOptions
            {
                Name = NameOf(index),
                Id = (ulong)index + 1,
                MachineType = _machine.Vendor.MachineType,
            };
            process.ConfigWindow = options.ConfigWindow;
            using var vmm = new VirtualMachineMonitor(
                process,
                options,
                process.Threads,
                _hub,
                _machine.CreateUapi,
                _machine.Vendor.CreateDecoder,
                _machine.Vendor.CreateAcceptRequests);
            vmm.Assign($"/dev/vfio/devices/vfio{index}", GuestRequesterId, _machine.Functions[1 + index].ToString());
            vmm.Start();
            process.Threads.WaitUntil(() => vmm.HasEnded, $"{NameOf(index)} to end");
            for (int i = 0; i < vmm.VcpuResults.Count; i++) Note(NameOf(index), $"vcpu{i}", vmm.VcpuResults[i]);
        }
        catch (AbiException e)
        {
            _log.Add($"{NameOf(index)}: {e.Message}");
        }
        catch (VmmException e)
        {
            _log.Add($"{NameOf(index)}: {e.Message}");
        }
        catch (TaskKilledException e)
        {
            _log.Add($"{NameOf(index)}: {e.Message}");
            _scheduler.WaitUntil(() => process.OpenFiles.Count == 0, $"{NameOf(index)}'s files to be closed");
        }
        finally
        {
            if (process.OpenFiles.Count > 0) _leftOpen.Add($"{process.OpenFiles.Count} of {process.Name}'s descriptors are still open");
            _running--;
        }
    }

    /// <summary>The guest's program: the first vCPU drives the device, the others use their memory meanwhile.</summary>
    private void RunGuest(int vm, GuestMachine machine)
    {
        if (machine.Index != 0)
        {
            if (!_stage.IsOver) _options.Event?.OnOtherVcpu(_stage, vm, machine);
            UseMemory(machine);
            return;
        }

        using ContextScope about = _hub.About(SubjectOf(vm));
        var tsm = new GuestTsmBoundary(_machine.Vendor.CreateGuestTsm(machine, _hub), _hub, null);
        var ops = new GuestDeviceOps(machine, tsm, _options.Policy);
        var steps = new GuestDeviceOpsBoundary(ops, _hub, null);
        var device = new GuestDevice(GuestRequesterId);
        _stage.Add(vm, device);
        string guest = NameOf(vm) + "'s guest";
        if (!Note(guest, "enumerate", steps.Enumerate(device))) return;
        ulong page = machine.AllocatePages(1, isPrivate: true);
        NotePrivateAccess(vm, machine, device, page, works: false, "before it was bound");
        SysResult connected = steps.Connect(device);
        if (!_machine.Kernel.CanBind)
        {
            // The host must say that it can't, and the device goes on working shared.
            if (connected.Errno != Errno.EOPNOTSUPP) _log.Add($"{guest}: connect ended with {connected.Errno} where the host can't bind");
            NotePrivateAccess(vm, machine, device, page, works: false, "though it can't be bound");
            machine.FreePages(page, 1);
            Note(guest, "shared work", steps.WorkShared(device));
            return;
        }

        if (!Note(guest, "connect", connected)) return;
        NotePrivateAccess(vm, machine, device, page, works: false, "before it was attested");
        bool isAttested = Note(guest, "attest", steps.Attest(device));
        NotePrivateAccess(vm, machine, device, page, works: false, "before it was accepted");
        if (isAttested && Note(guest, "accept", steps.Accept(device)) && Note(guest, "work", steps.Work(device)))
            NotePrivateAccess(vm, machine, device, page, works: true, "while it ran");
        if (ops.Refusal is { } refusal) _log.Add($"{guest}: {device} was {refusal}");
        if (Note(guest, "disconnect", steps.Disconnect(device))) NotePrivateAccess(vm, machine, device, page, works: false, "after it was unbound");
        machine.FreePages(page, 1);
        Note(guest, "shared work", steps.WorkShared(device));
    }

    /// <summary>Private MMIO must not answer, and a device that sends requests with the T bit must not reach private memory, unless the guest has accepted both and the device runs.</summary>
    private void NotePrivateAccess(int vm, GuestMachine machine, GuestDevice device, ulong page, bool works, string when)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        PciFunctionModel function = _machine.Device.Functions[1 + vm];
        (string What, bool Works)[] found =
        [
            ("a private read of the device's registers", machine.TryRead(device.BarBase[0], bytes, isPrivate: true)),
            ("a private write of the device's data", machine.TryWrite(device.BarBase[0] + ((ulong)ModelDeviceConstants.DataPage * ModelDeviceConstants.PageSize), bytes, isPrivate: true)),
            ("the device's trusted read of memory", function.DmaRead(page, bytes, tee: true)),
            ("the device's trusted write of memory", function.DmaWrite(page, bytes, tee: true)),
        ];
        foreach ((string what, bool did) in found.Where(f => f.Works != works)) _log.Add($"{NameOf(vm)}'s guest: {what} {(did ? "succeeded" : "failed")} {when}");
    }

    private void UseMemory(GuestMachine machine)
    {
        const int Rounds = 8;
        Span<byte> written = stackalloc byte[64];
        Span<byte> read = stackalloc byte[64];
        ulong page = machine.AllocatePages(1, isPrivate: true);
        for (int round = 0; round < Rounds; round++)
        {
            written.Fill((byte)(round + 1));
            if (page == 0 || !machine.TryWrite(page, written, isPrivate: true) || !machine.TryRead(page, read, isPrivate: true))
            {
                _log.Add($"{machine.Name}: private memory can't be used");
                return;
            }

            if (!written.SequenceEqual(read))
            {
                _log.Add($"{machine.Name}: private memory doesn't hold what was written");
                return;
            }

            machine.Sleep(TimeSpan.FromMilliseconds(5));
        }

        machine.FreePages(page, 1);
    }

    private bool Note(string who, string step, SysResult result)
    {
        if (!result.IsOk) _log.Add($"{who}: {step} failed with {result.Errno}");
        return result.IsOk;
    }

    /// <summary>Lets the injector be made after the machine, whose profile it needs. Nothing crosses in between.</summary>
    private sealed class LateInjector : ICrossingInjector
    {
        public ICrossingInjector? Inner { get; set; }

        public Injection Decide(Crossing crossing) => Inner?.Decide(crossing) ?? Injection.Proceed;
    }
}
