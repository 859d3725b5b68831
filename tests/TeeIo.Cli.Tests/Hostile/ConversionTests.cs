using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Guest;
using TeeIo.Linux.Kvm;
using TeeIo.Plain;
using TeeIo.Plain.Calls;
using TeeIo.Platform;
using TeeIo.Platform.Kernel;
using TeeIo.Scheduling;
using TeeIo.Vmm;

namespace TeeIo.Cli.Tests.Hostile;

/// <summary>A guest has its memory converted by a hypercall, in which it may name any range.</summary>
public sealed class ConversionTests
{
    [Theory]
    [InlineData(0UL, 1UL, true)]
    [InlineData(0x1000UL, 4UL, true)]
    [InlineData(0UL, 1UL << 40, false)] // as many pages as nobody could keep track of
    [InlineData(0UL, 1UL << 52, false)] // whose bytes are 0 in 64 bits
    [InlineData(0UL, 0UL, false)]
    [InlineData(1UL, 1UL, false)]
    [InlineData(0x4000_0000_0000UL, 1UL, false)]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 2UL, false)]
    public void A_range_counts_only_inside_the_guest_s_own_memory(ulong gpa, ulong pages, bool isDone)
    {
        RegisterFile registers = default;
        registers[Register.Rax] = (ulong)KvmHypercall.MapGpaRange;
        (registers[Register.Rbx], registers[Register.Rcx]) = (gpa, pages);
        Run(guest => guest.Instructions.Call(PlainCalls.Lock, ref registers));
        Assert.Equal(isDone ? 0 : ulong.MaxValue, registers[Register.Rax]);
    }

    private static void Run(Action<GuestMachine> program)
    {
        var scheduler = new DeterministicScheduler(1);
        var hub = new CrossingHub([], null, scheduler);
        using var machine = new SoftwareMachine(new SoftwareMachineOptions(), scheduler, new LockOrder(scheduler), hub, m => new PlainPlatform(m));
        scheduler.Start("vmm", () =>
        {
            SoftwareProcess process = machine.Kernel.CreateProcess("vm0");
            process.Guest = program;
            var options = new VmmOptions { Name = "vm0", Id = 1, MachineType = machine.Vendor.MachineType, Vcpus = 1 };
            using var vmm = new VirtualMachineMonitor(process, options, scheduler, hub, machine.CreateUapi, machine.Vendor.CreateDecoder, machine.Vendor.CreateAcceptRequests);
            vmm.Start();
            scheduler.WaitUntil(() => vmm.HasEnded, "the VM to end");
        });
        scheduler.Run();
    }
}
