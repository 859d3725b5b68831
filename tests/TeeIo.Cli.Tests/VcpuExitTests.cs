using TeeIo.Boundaries;
using TeeIo.Cli.Tests.Faults;
using TeeIo.Flow;
using TeeIo.Linux;
using TeeIo.Linux.Kvm;
using TeeIo.Plain;
using TeeIo.Platform;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests;

/// <summary>What the VMM makes of a vCPU that left its guest.</summary>
public sealed class VcpuExitTests
{
    [Fact]
    public void A_fault_that_was_handled_is_not_found_again_when_KVM_RUN_fails()
    {
        var recorder = new TraceRecorder();
        var scheduler = new DeterministicScheduler(1);
        var hub = new CrossingHub([recorder], new StepLimit(new RunFailsAfterConversion()), scheduler);
        using var machine = new SoftwareMachine(new SoftwareMachineOptions(), scheduler, new LockOrder(scheduler), hub, m => new PlainPlatform(m));
        SysResult result = default;
        scheduler.Start("vmm", () =>
        {
            SoftwareProcess process = machine.Kernel.CreateProcess("vm0");
            process.Guest = guest => guest.TryWrite(guest.AllocatePages(1, isPrivate: true), new byte[8], isPrivate: true);
            var options = new VmmOptions { Name = "vm0", Id = 1, MachineType = machine.Vendor.MachineType, Vcpus = 1 };
            using var vmm = new VirtualMachineMonitor(process, options, scheduler, hub, machine.CreateUapi, machine.Vendor.CreateDecoder, machine.Vendor.CreateAcceptRequests);
            vmm.Start();
            scheduler.WaitUntil(() => vmm.HasEnded, "the VM to end");
            result = vmm.VcpuResults[0];
        });
        scheduler.Run();
        Assert.Equal(Errno.EFAULT, result.Errno);
        Assert.Single(recorder.Trace, c => c.Call == KvmCalls.SetMemoryAttributes && c.Side == CrossingSide.Client);
    }

    /// <summary>Once memory was converted KVM can't run the vCPU any more, and says so as it says that a guest has touched memory.</summary>
    private sealed class RunFailsAfterConversion : ICrossingInjector
    {
        private bool _isConverted;

        public Injection Decide(Crossing crossing)
        {
            _isConverted |= crossing.Call == KvmCalls.SetMemoryAttributes;
            return _isConverted && crossing.Call == KvmCalls.Run && crossing.Side == CrossingSide.Client ? Injection.Fail(-(long)Errno.EFAULT) : Injection.Proceed;
        }
    }
}
