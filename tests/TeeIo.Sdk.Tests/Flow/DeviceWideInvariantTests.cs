using System.Runtime.InteropServices;
using TeeIo.Flow;
using TeeIo.Flow.Invariants;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Flow;

/// <summary>Invariants 9, 11, 13 and 14, where one device serves several VMs: silent on a right trace, and heard on a wrong one.</summary>
public sealed class DeviceWideInvariantTests
{
    private const ulong Function = 0x101;
    private const ulong Bar = 0xC000_0000;
    private const ulong HostBar = 0x9_0000_0000;
    private const ulong Page = 0x1000;
    private const string Subject = "vm0/00:03.0";
    private readonly InvariantMonitor _monitor = new(
        new NoLateResponseInvariant(), new DisconnectLastInvariant(), new UnbindDelayInvariant(), new NoMigrationWhileBoundInvariant(), new MmioPlacementInvariant());

    private readonly CrossingHub _hub;

    public DeviceWideInvariantTests() => _hub = new CrossingHub([_monitor]);

    [Fact]
    public void A_right_life_violates_nothing()
    {
        Slot(Bar, 8 * Page);
        Bind();
        Serve(TsmCoreCalls.TsmGuestReq, [Function], () => Serve(HostTsmCalls.GuestReq, [Function]));
        Map(Bar, HostBar, 3);
        Map(Bar + (4 * Page), HostBar + (4 * Page), 1);
        Unbind();
        Serve(HostTsmCalls.Disconnect, [0x100]);
        Serve(IommufdCalls.HwptSetDirtyTracking, [(ulong)DirtyTrackingFlags.Enable << 32]);
        Assert.Empty(_monitor.Violations);
    }

    [Fact]
    public void A_response_that_the_core_passes_on_after_unbind_is_seen()
    {
        Bind();
        Serve(TsmCoreCalls.TsmGuestReq, [Function], () =>
        {
            Serve(HostTsmCalls.GuestReq, [Function]);
            Unbind();
        });
        Assert.StartsWith("9 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_of_the_next_bind_may_have_been_asked_in_the_last()
    {
        Bind();
        Serve(TsmCoreCalls.TsmGuestReq, [Function], () =>
        {
            Unbind();
            Bind();
            Serve(HostTsmCalls.GuestReq, [Function]);
        });
        Assert.Empty(_monitor.Violations);
    }

    [Fact]
    public void A_disconnect_while_a_TDI_is_bound_is_seen()
    {
        Bind();
        Serve(HostTsmCalls.Disconnect, [0x100]);
        Assert.StartsWith("11 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disconnect_of_another_device_is_none()
    {
        Bind();
        Serve(HostTsmCalls.Disconnect, [0x200]);
        Assert.Empty(_monitor.Violations);
    }

    [Theory]
    [InlineData(UnbindDelayInvariant.MostRequests, false)]
    [InlineData(UnbindDelayInvariant.MostRequests + 1, true)]
    public void An_unbind_that_too_many_requests_of_others_overtake_is_seen(int requests, bool isSeen)
    {
        Bind();
        Serve(TsmCoreCalls.TsmUnbind, [Function], () =>
        {
            for (int i = 0; i < requests; i++) Serve(HostTsmCalls.GuestReq, [0x102], subject: "vm1/00:03.0");
        });
        Assert.Equal(isSeen, _monitor.Violations.Any(v => v.Invariant.StartsWith("11 ", StringComparison.Ordinal)));
    }

    public static TheoryData<string> Migrations => ["IOMMUFD", "KVM", "VFIO's state", "VFIO's log"];

    [Theory]
    [MemberData(nameof(Migrations))]
    public void Migration_and_dirty_logging_while_bound_are_seen(string whose)
    {
        Bind();
        switch (whose)
        {
            case "IOMMUFD": Serve(IommufdCalls.HwptSetDirtyTracking, [(ulong)DirtyTrackingFlags.Enable << 32]); break;
            case "KVM": Serve(KvmCalls.SetUserMemoryRegion2, [(ulong)MemoryFlags.LogDirtyPages << 32, 0, Page, 0, 0, 0, 0], subject: "vm0"); break;
            case "VFIO's state": Serve(VfioCalls.Feature, [((ulong)VfioFeatureFlags.Set | (ulong)VfioFeature.MigDeviceState) << 32]); break;
            default: Serve(VfioCalls.Feature, [((ulong)VfioFeatureFlags.Set | (ulong)VfioFeature.DmaLoggingStart) << 32]); break;
        }

        Assert.StartsWith("13 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void Probing_for_migration_and_logging_another_VM_are_none()
    {
        Bind();
        Serve(VfioCalls.Feature, [((ulong)(VfioFeatureFlags.Set | VfioFeatureFlags.Probe) | (ulong)VfioFeature.MigDeviceState) << 32]);
        Serve(KvmCalls.SetUserMemoryRegion2, [(ulong)MemoryFlags.LogDirtyPages << 32, 0, Page, 0, 0, 0, 0], subject: "vm1");
        Assert.Empty(_monitor.Violations);
    }

    [Fact]
    public void Pages_of_a_BAR_that_changed_places_are_seen()
    {
        Slot(Bar, 8 * Page);
        Map(Bar, HostBar + Page, 1);
        Map(Bar + Page, HostBar, 1);
        Assert.StartsWith("14 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_of_a_BAR_that_is_mapped_twice_is_seen()
    {
        Slot(Bar, 8 * Page);
        Map(Bar, HostBar, 1);
        Map(Bar + Page, HostBar, 1);
        Assert.StartsWith("14 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_beyond_its_slot_is_seen()
    {
        Slot(Bar, 2 * Page);
        Map(Bar + Page, HostBar + Page, 2);
        Assert.StartsWith("14 ", Assert.Single(_monitor.Violations).Invariant, StringComparison.Ordinal);
    }

    private void Bind() => Serve(TsmCoreCalls.TsmBind, [Function, 1, 0x18], () => Serve(HostTsmCalls.Bind, [Function]));

    private void Unbind() => Serve(TsmCoreCalls.TsmUnbind, [Function], () => Serve(HostTsmCalls.Unbind, [Function]));

    private void Map(ulong gpa, ulong hpa, ulong pages) => Serve(ConfidentialMemoryCalls.MapMmio, [1, gpa, hpa, pages]);

    private void Slot(ulong gpa, ulong size) => Serve(KvmCalls.SetUserMemoryRegion2, [1 | ((ulong)MemoryFlags.VfioDmabuf << 32), gpa, size, 0, 0, 0, 0]);

    private void Serve(CallInfo call, ulong[] arguments, Action? body = null, string subject = Subject)
    {
        using ContextScope about = _hub.About(subject);
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<ulong>(arguments);
        using CrossingScope crossing = _hub.Open(call, CrossingSide.Server, bytes);
        body?.Invoke();
        crossing.Close(0, bytes);
    }
}
