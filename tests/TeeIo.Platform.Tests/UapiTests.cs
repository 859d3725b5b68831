using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Next;
using TeeIo.Tsm;
using TeeIo.Vmm;

namespace TeeIo.Platform.Tests;

/// <summary>The VMM's side of each profile, above the kernel of the same profile.</summary>
public sealed class UapiTests
{
    private const string FirstFunction = "0000:01:00.1";
    private readonly byte[] _response = new byte[8];

    private delegate ITrustedDeviceUapi UapiOf(TestMachine machine, IoctlTransport transport, Fd iommufd);

    [Fact]
    public void Seed_makes_the_vDEVICE_at_the_first_bind() => Run("seed-2025-05", (machine, transport, iommufd) => new SeedUapi(transport, iommufd, 0, machine.Hub), (_, uapi, device) =>
    {
        Assert.Equal(0u, device.Vdevice.Value);
        Assert.True(uapi.Bind(device).IsOk);
        Assert.NotEqual(0u, device.Vdevice.Value);
        Assert.Equal(3, uapi.Request(device, RequestKind.EnableDma, [1, 2, 3], _response).Value);
        Assert.Equal(2, uapi.Evidence(device, EvidenceObject.Cert0, [], [4, 5], _response).Value);
    });

    [Fact]
    public void Arm_v5_selects_by_scope_and_asks_for_evidence_by_a_request_that_reads() => Run("arm-v5", (machine, transport, iommufd) => new ArmV5Uapi(transport, iommufd, machine.Hub), (machine, uapi, device) =>
    {
        Assert.NotEqual(0u, device.Vdevice.Value);
        Assert.Equal(Errno.ENXIO, uapi.Request(device, RequestKind.Info, [1], _response).Errno);
        Assert.True(uapi.Bind(device).IsOk);
        Assert.Equal([0u, 1u, 1u, 1u, 1u], Enum.GetValues<RequestKind>().Select(k => SelectorOf(machine, uapi, device, k)));
        Assert.Equal(2, uapi.Evidence(device, EvidenceObject.Cert0, [], [4, 5], _response).Value);
        Assert.Equal((0u, (byte)4), (machine.Vendor.Selector, _response[0]));
        Assert.Equal(0, uapi.Request(device, RequestKind.SetTdiState, [], []).Value);
        Assert.True(uapi.Unbind(device).IsOk);
        Assert.False(device.IsBound);
    });

    [Fact]
    public void Next_selects_by_operation_and_has_one_that_reads_for_SEV_only() => Run("next", NextOf, (machine, uapi, device) =>
    {
        Assert.NotEqual(0u, device.Vdevice.Value);
        Assert.True(uapi.Bind(device).IsOk);
        Assert.Equal((uint)TsmReqOp.SevInfo, SelectorOf(machine, uapi, device, RequestKind.Info));
        Assert.Equal([1u, 2u, 3u, 4u], Enum.GetValues<RequestKind>().Where(k => k != RequestKind.Info).Select(k => SelectorOf(machine, uapi, device, k)));
    });

    [Fact]
    public void Next_refuses_a_request_that_only_reads_of_another_architecture() => Run(
        "next",
        NextOf,
        (_, uapi, device) =>
        {
            Assert.True(uapi.Bind(device).IsOk);
            Assert.Equal(Errno.EINVAL, uapi.Request(device, RequestKind.Info, [1, 2, 3], _response).Errno);
        },
        architecture: TvmArch.Tdx);

    [Fact]
    public void Next_asks_the_TSM_core_for_evidence_by_the_devices_name_in_the_host() => Run("next", NextOf, (_, uapi, device) =>
    {
        Assert.Equal(Errno.ENXIO, uapi.Evidence(device, EvidenceObject.Cert0, [], [], _response).Errno);
        uapi.Bind(device);

        // The core knows the function, and this vendor keeps no evidence.
        Assert.Equal((FirstFunction, Errno.ENXIO), (device.HostName, uapi.Evidence(device, EvidenceObject.Cert0, [], [], _response).Errno));
    });

    [Theory]
    [InlineData(null)]
    [InlineData("0000:01:00.7")]
    public void Next_has_no_evidence_of_a_device_whose_name_nobody_told_or_that_is_none(string? name) => Run(
        "next",
        NextOf,
        (_, uapi, device) =>
        {
            uapi.Bind(device);
            Assert.Equal(Errno.ENODEV, uapi.Evidence(device, EvidenceObject.Cert0, [], [], _response).Errno);
        },
        name);

    [Fact]
    public void Linux_7_3_binds_nothing_and_says_so() => Run("linux-7.3", (_, _, _) => new Linux73Uapi(), (_, uapi, device) =>
    {
        Assert.False(uapi.CanBind);
        Assert.Equal(Errno.EOPNOTSUPP, uapi.Bind(device).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, uapi.Unbind(device).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, uapi.Request(device, RequestKind.Info, [1], _response).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, uapi.Evidence(device, EvidenceObject.Cert0, [], [1], _response).Errno);
    });

    private static NextUapi NextOf(TestMachine machine, IoctlTransport transport, Fd iommufd) =>
        new(transport, iommufd, machine.Vendor.Architecture, OwnOperation, machine.Tsm, machine.Hub);

    private static uint? OwnOperation(RequestKind kind) => kind switch
    {
        RequestKind.EnableDma => (uint)TsmReqOp.SevEnableDma,
        RequestKind.DisableDma => (uint)TsmReqOp.SevDisableDma,
        RequestKind.Info => (uint)TsmReqOp.SevInfo,
        _ => null,
    };

    private static void Run(string profile, UapiOf uapiOf, Action<TestMachine, ITrustedDeviceUapi, AssignedDevice> body, string? name = FirstFunction, TvmArch architecture = TvmArch.Sev) => TestMachine.Run(
        (machine, process) =>
        {
            machine.Vendor.Architecture = (uint)architecture;
            ITrustedDeviceUapi? uapi = null;
            var options = new VmmOptions { Name = "vm0", Id = 1, MachineType = machine.Vendor.MachineType, Vcpus = 1, MemorySize = 16 << 12 };
            using var vmm = new VirtualMachineMonitor(
                process, options, machine.Scheduler, machine.Hub, (transport, iommufd) => uapi = uapiOf(machine, transport, iommufd), _ => new NoDecoder(), _ => new NoAcceptance());
            AssignedDevice device = vmm.Assign("/dev/vfio/devices/vfio0", 0x18, name);
            Assert.Equal(profile, uapi!.Profile);
            body(machine, uapi, device);
        },
        profile);

    private uint SelectorOf(TestMachine machine, ITrustedDeviceUapi uapi, AssignedDevice device, RequestKind kind)
    {
        Assert.Equal(3, uapi.Request(device, kind, [1, 2, 3], _response).Value);
        return machine.Vendor.Selector;
    }

    private sealed class NoDecoder : IGuestCallDecoder
    {
        public SysResult HandleExit(ConfidentialVm vm, uint exitReason, Span<byte> exit, IVmmServices services) => SysResult.Of(0);
    }

    private sealed class NoAcceptance : IAcceptRequests
    {
        public SysResult WriteRequest(ConfidentialVm vm, uint guestRid, Span<byte> request) => SysResult.Of(0);
    }
}
