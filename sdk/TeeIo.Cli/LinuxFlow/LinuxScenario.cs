using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Flow.Invariants;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Scenarios;
using TeeIo.Scheduling;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Cli.LinuxFlow;

/// <summary>The flow as far as Linux 7.3 has it, on a real kernel: the VMM's ioctls, a device on vfio-pci, IOMMUFD's objects and KVM's guest are real. What no released kernel and no emulated device has
/// stays a model: the TSM with its device, and a guest's call to it, which rings a doorbell instead of executing the vendor's instruction.</summary>
internal sealed class LinuxScenario
{
    /// <summary>The profile of released kernels.</summary>
    public const string Profile = "linux-7.3";

    private const ushort GuestRequesterId = 3 << 3;
    private const string Vm = "vm0";
    private readonly TraceRecorder _recorder = new();
    private readonly InvariantMonitor _monitor = new();
    private readonly List<string> _log = [];
    private readonly DeterministicScheduler _scheduler;
    private readonly CrossingHub _hub;
    private readonly SoftwareMachine _models;
    private readonly IoctlTransport _linux;
    private readonly string _device;

    private LinuxScenario(IoctlTransport linux, Func<SoftwareMachine, IVendorPlatform> vendor, string device, int seed)
    {
        (_linux, _device) = (linux, device);
        _scheduler = new DeterministicScheduler(new SeededPolicy(seed));
        _hub = new CrossingHub([_recorder, _monitor], null, _scheduler);
        _models = new SoftwareMachine(new SoftwareMachineOptions { Profile = Profile, Seed = seed }, _scheduler, new LockOrder(_scheduler), _hub, vendor);
    }

    /// <summary>Runs it.</summary>
    /// <param name="linux">The kernel.</param>
    /// <param name="vendor">Whose TSM is modelled, and whose calls the guest makes.</param>
    /// <param name="device">VFIO's file of an edu device.</param>
    /// <param name="seed">Seed of the scheduler and the models.</param>
    public static FlowOutcome Run(IoctlTransport linux, Func<SoftwareMachine, IVendorPlatform> vendor, string device, int seed) => new LinuxScenario(linux, vendor, device, seed).Run();

    private FlowOutcome Run()
    {
        FlowProfile profile = _models.Vendor.Flow(Profile) ?? throw new ProfileNotSupportedException($"the flow of {_models.Vendor.Name} doesn't run under profile '{Profile}'");
        foreach (ITraceInvariant invariant in TraceInvariants.For(profile)) _monitor.Add(invariant);
        _scheduler.Start("admin", Administer);
        _scheduler.Run();
        FlowReport report = new FlowChecker(profile, []).Check(_models.Vendor.Name, _recorder.Trace, VirtualMachineMonitor.SubjectOf(Vm, GuestRequesterId));
        report = report with { Violations = [.. report.Violations, .. _log, .. _monitor.Violations.Select(v => v.ToString()), .. _models.Unaccounted()], IsReal = IsReal };
        return new FlowOutcome(report, _recorder.Trace, [.. _log]);
    }

    /// <summary>What the kernel did itself, and what a vCPU and a device of it did; guest-ops.connect asks a TSM that isn't there.</summary>
    private static bool IsReal(Crossing crossing) => crossing.Call.Abi is "iommufd" or "vfio" or "kvm" || crossing.Call.Name is "guest-ops.enumerate" or "guest-ops.work_shared";

    private void Administer()
    {
        TsmFunction physical = _models.Functions[0];
        _models.Enumerate();
        Note("admin", "connect", _models.Tsm.Connect(physical));
        bool hasEnded = false;
        _scheduler.Start($"{Vm}/main", () =>
        {
            try
            {
                RunVm();
            }
            catch (Exception e) when (e is AbiException or VmmException or InsufficientMemoryException)
            {
                _log.Add($"{Vm}: {e.Message}");
            }

            hasEnded = true;
        });
        _scheduler.WaitUntil(() => hasEnded, "the VM to end");
        Note("admin", "disconnect", _models.Tsm.Disconnect(physical));
    }

    private void RunVm()
    {
        var options = new VmmOptions { Name = Vm, Id = 1, MachineType = (uint)VmType.SwProtectedVm, Vcpus = 1, Firmware = Firmware.Image };
        var kernel = new LinuxKernel(_linux, _hub);
        var guest = new DoorbellGuest(_scheduler, _hub, options);
        var vm = new ModelVm(options.Id, Vm);
        if (!Note(Vm, "its TSM's model", _models.Vendor.Memory.CreateVm(vm))) return;
        try
        {
            var vcpu = new DoorbellVcpu(guest, vm, _models.Pages);
            kernel.Guest = guest;
            guest.Cpu = _models.Vendor.Cpu.CreateInstructions(vcpu);
            using var vmm = new VirtualMachineMonitor(
                kernel,
                options,
                _scheduler,
                _hub,
                (_, _) => new Linux73Uapi(),
                context =>
                {
                    vcpu.Shared = context.Memory;
                    return new DoorbellDecoder(guest, vcpu, _models.Vendor.Exits, context, _models.Vendor.CreateDecoder(context));
                },
                _models.Vendor.CreateAcceptRequests);
            vmm.Assign(_device, GuestRequesterId);
            vmm.Start();
            _scheduler.Start(guest.Name, () => RunGuest(guest));
            _scheduler.WaitUntil(() => vmm.HasEnded, $"{Vm} to end");
            for (int i = 0; i < vmm.VcpuResults.Count; i++) Note(Vm, $"vcpu{i}", vmm.VcpuResults[i]);
        }
        finally
        {
            guest.End();
            Note(Vm, "the end of its TSM's model", _models.Vendor.Memory.DestroyVm(vm));
        }
    }

    private void RunGuest(DoorbellGuest machine)
    {
        using ContextScope about = _hub.About(VirtualMachineMonitor.SubjectOf(Vm, GuestRequesterId));
        var tsm = new GuestTsmBoundary(_models.Vendor.CreateGuestTsm(machine, _hub), _hub, null);
        var steps = new GuestDeviceOpsBoundary(new GuestDeviceOps(machine, tsm, ModelReference.Policy, new EduDriver(machine)), _hub, null);
        var device = new GuestDevice(GuestRequesterId);
        if (Note("guest", "enumerate", steps.Enumerate(device)))
        {
            SysResult connected = steps.Connect(device);
            if (connected.Errno != Errno.EOPNOTSUPP) _log.Add($"guest: connect ended with {connected.Errno} where the host can't bind");
            Note("guest", "shared work", steps.WorkShared(device));
        }

        machine.End();
    }

    private bool Note(string who, string step, SysResult result)
    {
        if (!result.IsOk) _log.Add($"{who}: {step} failed with {result.Errno}");
        return result.IsOk;
    }

    /// <summary>The VM as the models know it.</summary>
    private sealed class ModelVm(ulong id, string name) : ConfidentialVm(id, name);
}
