using TeeIo.Boundaries;
using TeeIo.Flow;
using TeeIo.Platform;
using TeeIo.Platform.Hardware;
using TeeIo.Tsm;

namespace TeeIo.Cli.Tests;

/// <summary>Invariants 10 and 12 look at each request of a device: an IOMMU that is led astray is heard at once.</summary>
public sealed class DmaInvariantTests
{
    [Fact]
    public void Trusted_DMA_that_goes_elsewhere_than_the_trusted_tables_lead_is_seen()
    {
        IReadOnlyList<Violation> found = Run(static (_, walk) => walk with { Key = KeyId.Shared });
        Assert.Contains(found, v => v.Invariant.StartsWith("10 ", StringComparison.Ordinal) && v.What.Contains("with the T bit of 0x0101", StringComparison.Ordinal));
    }

    [Fact]
    public void Trusted_DMA_to_a_device_that_is_not_the_VMs_is_seen()
    {
        IReadOnlyList<Violation> found = Run(static (machine, walk) => walk with { HostAddress = machine.Device.Functions[2].BarAddress(0), Key = KeyId.Shared });
        Assert.Contains(found, v => v.Invariant.StartsWith("12 ", StringComparison.Ordinal) && v.What.Contains("belongs to nobody", StringComparison.Ordinal));
    }

    [Fact]
    public void Trusted_DMA_by_the_tables_is_right()
    {
        IReadOnlyList<Violation> found = Run(static (_, walk) => walk);
        Assert.Empty(found);
    }

    /// <summary>Has the device work with an IOMMU whose trusted tables are changed as <paramref name="change"/> says, behind the vendor's back.</summary>
    private static IReadOnlyList<Violation> Run(Func<SoftwareMachine, PageWalk, PageWalk> change)
    {
        var monitor = new InvariantMonitor();
        var vm = new OneVm(scheduler => new CrossingHub([monitor], null, scheduler));
        vm.Machine.Watch(monitor, vm.Machine.Vendor.Flow("seed-2025-05")!);
        vm.Run(() => vm.Machine.Iommu.Trust(new AstrayCpu(vm.Machine.Vendor.Cpu, walk => change(vm.Machine, walk))));
        return monitor.Violations;
    }

    private sealed class AstrayCpu(IConfidentialCpu cpu, Func<PageWalk, PageWalk> change) : IConfidentialCpu
    {
        public PageWalk WalkPrivate(ConfidentialVm vm, ulong gpa, bool isWrite) => cpu.WalkPrivate(vm, gpa, isWrite);

        public PageWalk WalkTrustedDma(ushort requesterId, ulong address, bool isWrite) =>
            cpu.WalkTrustedDma(requesterId, address, isWrite) is { Result: PageWalkResult.Mapped } walk ? change(walk) : PageWalk.Without(PageWalkResult.Denied);

        public bool AcceptPage(IVirtualCpu vcpu, ulong gpa) => cpu.AcceptPage(vcpu, gpa);

        public ModelRegisterTransport CreateInstructions(IVirtualCpu vcpu) => cpu.CreateInstructions(vcpu);
    }
}
