using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.ArmV5;
using TeeIo.Linux.Next;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

/// <summary>The profiles in which IOMMUFD binds the vDEVICE. Requests are written out by hand where a client wouldn't send them: number, size at 0, and what the case is about.</summary>
public sealed class VdeviceBindTests
{
    private const uint ArmOp = 0x3B95;
    private const uint ArmRequest = 0x3B96;
    private const uint NextOp = 0x3B96;
    private const uint NextRequest = 0x3B97;
    private const int CodeAt = 40;

    public static TheoryData<string> Profiles => ["arm-v5", "next"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Bind_prepares_the_trusted_tables_then_binds_and_unbind_ends_in_shared_use(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            setup.MapBar();
            machine.Vendor.Log.Clear();
            Assert.True(Operate(profile, setup, 1).IsOk);
            Assert.Equal(["set up", "bind"], machine.Vendor.Log);
            Assert.True(Operate(profile, setup, 1).IsOk);
            Assert.Equal(["set up", "bind"], machine.Vendor.Log);
            Assert.Throws<BusErrorException>(() => setup.MapBarInProcess().Read(0, new byte[4]));
            machine.Vendor.Log.Clear();
            Assert.True(Operate(profile, setup, 2).IsOk);
            Assert.Equal(["tear down", "unbind"], machine.Vendor.Log);
            Assert.True(Operate(profile, setup, 2).IsOk);
            setup.MapBarInProcess().Read(0, new byte[4]);
        },
        profile);

    [Theory]
    [MemberData(nameof(Profiles))]
    public void An_operation_is_refused_in_the_kernels_order_flags_vDEVICE_KVM_file_type(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            var alone = new AssignedSetup(machine, process, device: 1, joinVm: false);
            Assert.Equal(Errno.EOPNOTSUPP, Operate(profile, setup, type: 9, vdevice: 0, flags: 1).Errno);
            Assert.Equal(Errno.ENOENT, Operate(profile, setup, type: 9, vdevice: 0).Errno);
            Assert.Equal(Errno.ENOENT, Operate(profile, setup, type: 1, vdevice: setup.Viommu.Value).Errno);
            Assert.Equal(Errno.ENODEV, Operate(profile, alone, type: 9).Errno);
            Assert.Equal(Errno.EINVAL, Operate(profile, setup, type: 0).Errno);
            Assert.Equal(Errno.EINVAL, Operate(profile, setup, type: 3).Errno);
        },
        profile);

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_device_that_joins_its_VM_only_after_it_was_bound_to_the_iommufd_has_no_KVM_file(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process, joinVm: false);
            setup.VfioGroup.VfioFileAdd(setup.Device.Fd);
            Assert.Equal(Errno.ENODEV, Operate(profile, setup, 1).Errno);
        },
        profile);

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_bind_that_the_driver_refuses_leaves_the_state_before_it(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            machine.Vendor.BindResult = Errno.EPROTO;
            Assert.Equal(Errno.EPROTO, Operate(profile, setup, 1).Errno);
            setup.MapBarInProcess().Read(0, new byte[4]);
            machine.Vendor.BindResult = default;
            Assert.True(Operate(profile, setup, 1).IsOk);
        },
        profile);

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_vDEVICE_that_is_destroyed_unbinds_its_device(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            Operate(profile, setup, 1);
            machine.Vendor.Log.Clear();
            Assert.True(setup.Iommufd.TryDestroy(setup.Vdevice).IsOk);
            Assert.Equal(["tear down", "unbind"], machine.Vendor.Log);
        },
        profile);

    [Fact]
    public void A_request_by_scope_returns_its_residue_and_the_code_of_the_architecture() => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            var client = new ArmV5IommufdClient(process, setup.Iommufd.Fd, machine.Hub);
            byte[] response = new byte[8];
            Assert.Equal(Errno.ENXIO, client.TryVdeviceTsmReq(setup.Vdevice, TsmReqScope.Info, [1], response, out _).Errno);
            Operate("arm-v5", setup, 1);
            machine.Vendor.RequestCode = 0xC0DE;
            SysResult result = client.TryVdeviceTsmReq(setup.Vdevice, TsmReqScope.StateChange, [1, 2, 3], response, out ulong code);
            Assert.Equal((5L, 0xC0DEUL, 1u), (result.Value, code, machine.Vendor.Selector));
            Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], response);
        },
        "arm-v5");

    [Fact]
    public void A_request_by_operation_returns_its_residue_and_the_code_of_the_architecture() => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            var client = new NextIommufdClient(process, setup.Iommufd.Fd, machine.Hub);
            byte[] response = new byte[8];
            Assert.Equal(Errno.ENXIO, client.TryVdeviceTsmReq(setup.Vdevice, TsmReqOp.SetTdiState, TvmArch.Tdx, [1], response, out _).Errno);
            Operate("next", setup, 1);
            machine.Vendor.RequestCode = 0xC0DE;
            SysResult result = client.TryVdeviceTsmReq(setup.Vdevice, TsmReqOp.SetTdiState, TvmArch.Tdx, [1, 2, 3], response, out ulong code);
            Assert.Equal((5L, 0xC0DEUL, 2u), (result.Value, code, machine.Vendor.Selector));
            Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], response);
        },
        "next");

    [Theory]
    [InlineData("arm-v5", ArmRequest, 0, 0)]
    [InlineData("next", NextRequest, 1, 3)]
    public void The_code_of_the_architecture_comes_back_even_where_the_request_fails(string profile, uint request, int selector, int architecture) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            Operate(profile, setup, 1);
            (machine.Vendor.RequestCode, machine.Vendor.RequestResult) = (0xC0DE, Errno.EIO);
            byte[] record = Request(profile, setup.Vdevice.Value, (byte)selector, (byte)architecture);
            Assert.Equal(Errno.EIO, process.Ioctl(setup.Iommufd.Fd, request, new IoctlFrame(record)).Errno);
            Assert.Equal([0xDE, 0xC0, 0, 0, 0, 0, 0, 0], record[CodeAt..]);
        },
        profile);

    [Theory]
    [InlineData(4, 0, Errno.EINVAL)] // no such scope: before the vDEVICE is looked for
    [InlineData(4, 1, Errno.EINVAL)]
    [InlineData(0, 0, Errno.ENOENT)]
    [InlineData(2, 0, Errno.ENOENT)]
    [InlineData(2, 1, Errno.EINVAL)] // the TSM core admits no debugging
    [InlineData(3, 1, Errno.EINVAL)]
    public void A_scope_is_refused_where_the_kernel_does(byte scope, int exists, Errno expected) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            Operate("arm-v5", setup, 1);
            byte[] record = Request("arm-v5", exists == 0 ? 0 : setup.Vdevice.Value, scope, 0);
            Assert.Equal(expected, process.Ioctl(setup.Iommufd.Fd, ArmRequest, new IoctlFrame(record)).Errno);
        },
        "arm-v5");

    [Fact]
    public void A_reserved_field_that_is_not_zero_is_EOPNOTSUPP() => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            byte[] record = Request("arm-v5", setup.Vdevice.Value, 9, 0);
            record[20] = 1;
            Assert.Equal(Errno.EOPNOTSUPP, process.Ioctl(setup.Iommufd.Fd, ArmRequest, new IoctlFrame(record)).Errno);
        },
        "arm-v5");

    [Theory]
    [InlineData(1, 0, 0, Errno.EINVAL)] // no architecture: before the vDEVICE is looked for
    [InlineData(1, 4, 0, Errno.EINVAL)]
    [InlineData(0, 3, 0, Errno.EINVAL)] // no operation
    [InlineData(5, 3, 0, Errno.EINVAL)]
    [InlineData(3, 3, 0, Errno.EINVAL)] // only with SEV
    [InlineData(4, 1, 0, Errno.EINVAL)]
    [InlineData(3, 2, 0, Errno.ENOENT)]
    [InlineData(2, 1, 0, Errno.ENOENT)]
    [InlineData(3, 2, 1, Errno.EINVAL)] // the TSM is another architecture's
    [InlineData(2, 1, 1, Errno.EINVAL)]
    public void An_operation_or_an_architecture_is_refused_where_the_kernel_does(byte operation, byte architecture, int exists, Errno expected) => TestMachine.Run(
        (machine, process) =>
        {
            var setup = new AssignedSetup(machine, process);
            Operate("next", setup, 1);
            byte[] record = Request("next", exists == 0 ? 0 : setup.Vdevice.Value, operation, architecture);
            Assert.Equal(expected, process.Ioctl(setup.Iommufd.Fd, NextRequest, new IoctlFrame(record)).Errno);
        },
        "next");

    private static SysResult Operate(string profile, AssignedSetup setup, byte type, uint? vdevice = null, byte flags = 0)
    {
        byte[] record = [16, 0, 0, 0, type, 0, 0, 0, flags, 0, 0, 0, .. BitConverter.GetBytes(vdevice ?? setup.Vdevice.Value)];
        return setup.Process.Ioctl(setup.Iommufd.Fd, profile == "next" ? NextOp : ArmOp, new IoctlFrame(record));
    }

    /// <summary>A request without blobs.</summary>
    private static byte[] Request(string profile, uint vdevice, byte selector, byte architecture)
    {
        byte[] record = new byte[48];
        record[0] = 48;
        BitConverter.GetBytes(vdevice).CopyTo(record, 4);
        record[8] = selector;
        if (profile == "next") record[12] = architecture;
        return record;
    }
}
