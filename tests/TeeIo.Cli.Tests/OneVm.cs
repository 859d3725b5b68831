using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux;
using TeeIo.Linux.Vfio;
using TeeIo.Platform;
using TeeIo.Platform.Devices;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Tdx.Module;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests;

/// <summary>A machine and one VM with one device, put together by hand on a hub of one's own: the guest takes the device to RUN and works with it, then the admin acts, then the guest
/// gives it back.</summary>
internal sealed class OneVm
{
    private const ushort GuestRequesterId = 3 << 3;
    private readonly DeterministicScheduler _scheduler = new(1);
    private bool _runs;
    private bool _isOver;

    public OneVm(CrossingHubFactory hub)
    {
        Hub = hub(_scheduler);
        Machine = new SoftwareMachine(new SoftwareMachineOptions(), _scheduler, new LockOrder(_scheduler), Hub, machine => new TdxPlatform(machine));
    }

    public delegate CrossingHub CrossingHubFactory(IActorScheduler scheduler);

    public CrossingHub Hub { get; }

    public SoftwareMachine Machine { get; }

    public SoftwareProcess Process { get; private set; } = null!;

    /// <summary>The device's file in the VMM's process.</summary>
    public VfioDeviceClient Device => Process.OpenFiles.Select(fd => new VfioDeviceClient(Process, fd, Hub)).First(d => d.TryGetInfo(out _, out _, out _, out _).IsOk);

    /// <summary>What the guest's last steps returned.</summary>
    public Dictionary<string, Errno> Steps { get; } = [];

    public UserMemory? MapBar() => Process.Map(Device.Fd, 0, GuestMachine.PageSize, out _);

    /// <summary>Makes any crossing.</summary>
    public bool Cross() => Device.TryGetInfo(out _, out _, out _, out _).IsOk;

    public void Run(Action admin)
    {
        _scheduler.Start("admin", () =>
        {
            Machine.Enumerate();
            Assert.True(Machine.Tsm.Connect(Machine.Functions[0]).IsOk);
            RunVm(admin);
        });
        _scheduler.Run();
    }

    private void RunVm(Action admin)
    {
        Process = Machine.Kernel.CreateProcess("vm0");
        Process.Guest = RunGuest;
        var options = new VmmOptions { Name = "vm0", Id = 1, MachineType = Machine.Vendor.MachineType };
        Process.ConfigWindow = options.ConfigWindow;
        using var vmm = new VirtualMachineMonitor(
            Process, options, _scheduler, Hub, Machine.CreateUapi, Machine.Vendor.CreateDecoder, Machine.Vendor.CreateAcceptRequests);
        vmm.Assign("/dev/vfio/devices/vfio0", GuestRequesterId);
        vmm.Start();
        _scheduler.WaitUntil(() => _runs, "the device to run");
        admin();
        _isOver = true;
        _scheduler.WaitUntil(() => vmm.HasEnded, "the VM to end");
    }

    private void RunGuest(GuestMachine machine)
    {
        if (machine.Index != 0) return;
        using ContextScope about = Hub.About(VirtualMachineMonitor.SubjectOf("vm0", GuestRequesterId));
        var ops = new GuestDeviceOps(machine, new GuestTsmBoundary(Machine.Vendor.CreateGuestTsm(machine, Hub), Hub, null), ModelReference.Policy);
        var steps = new GuestDeviceOpsBoundary(ops, Hub, null);
        var device = new GuestDevice(GuestRequesterId);
        Steps["enumerate"] = steps.Enumerate(device).Errno;
        Steps["connect"] = steps.Connect(device).Errno;
        Steps["attest"] = steps.Attest(device).Errno;
        Steps["accept"] = steps.Accept(device).Errno;
        Steps["work"] = steps.Work(device).Errno;
        _runs = true;
        _scheduler.WaitUntil(() => _isOver, "the admin");
        Steps["work afterwards"] = steps.Work(device).Errno;
        Steps["disconnect"] = steps.Disconnect(device).Errno;
    }
}
