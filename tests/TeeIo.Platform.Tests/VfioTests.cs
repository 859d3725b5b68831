using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Seed202505;
using TeeIo.Linux.Vfio;
using TeeIo.Pci.Configuration;
using TeeIo.Platform.Hardware;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

public sealed class VfioTests
{
    private const ulong Page = PhysicalMemory.PageSize;

    [Fact]
    public void Nothing_but_bind_works_before_bind() => TestMachine.Run((machine, process) =>
    {
        VfioDeviceClient device = machine.Device(process, 0);
        Assert.Equal(Errno.EINVAL, device.TryGetInfo(out _, out _, out _, out _).Errno);
        Assert.Equal(Errno.EINVAL, device.TryReset().Errno);
        Assert.Equal(Errno.EINVAL, process.Read(device.Fd, 0, new byte[4]).Errno);
        Assert.Null(process.Map(device.Fd, 0, Page, out Errno error));
        Assert.Equal(Errno.EINVAL, error);
        Assert.Equal(Errno.EBADF, device.TryBindIommufd(default, new Fd(99), out _, []).Errno);
        Assert.Equal(Errno.EBADFD, device.TryBindIommufd(default, device.Fd, out _, []).Errno);
    });

    [Fact]
    public void A_device_is_bound_to_an_iommufd_once() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        VfioDeviceClient device = machine.Device(process, 0);
        device.BindIommufd(default, iommufd.Fd, []);
        Assert.Equal(Errno.EINVAL, device.TryBindIommufd(default, iommufd.Fd, out _, []).Errno);
        Assert.Equal(Errno.EINVAL, machine.Device(process, 0).TryBindIommufd(default, iommufd.Fd, out _, []).Errno);
        PageTableId nothing = new(99);
        Assert.Equal(Errno.ENOENT, device.TryAttachIommufdPt(default, ref nothing, 0).Errno);
    });

    [Fact]
    public void A_dma_buf_needs_whole_pages_inside_a_BAR() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, (0, 0)));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, (1, Page)));
        Assert.Equal(Errno.EINVAL, Export(VfioPciRegion.Bar0RegionIndex, (0, PlainFunction.Size + Page)));
        Assert.Equal(Errno.EOVERFLOW, Export(VfioPciRegion.Bar0RegionIndex, (ulong.MaxValue - Page + 1, 2 * Page)));
        Assert.Equal(Errno.ENODEV, Export(VfioPciRegion.RomRegionIndex, (0, Page)));
        Assert.Equal(Errno.Ok, Export(VfioPciRegion.Bar0RegionIndex, (0, Page), (2 * Page, Page)));
        Errno Export(VfioPciRegion region, params (ulong Offset, ulong Length)[] ranges) =>
            setup.Device.TryFeatureDmaBuf(region, 0, [.. ranges.Select(r => new VfioRegionDmaRange { Offset = r.Offset, Length = r.Length })], out _).Errno;
    });

    [Fact]
    public void Bind_prepares_the_trusted_tables_then_binds_and_unbind_ends_in_shared_use() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.MapBar();
        using UserMemory bar = setup.MapBarInProcess();
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.Equal(["create", "set up", "bind"], machine.Vendor.Log);
        Assert.Throws<BusErrorException>(() => bar.Read(0, new byte[4]));
        bar.Write(3 * Page, [1, 2, 3, 4]);
        Assert.Equal(Errno.EEXIST, setup.Seed.TryTsmBind(setup.Vdevice).Errno);
        setup.Vm.SetMemoryAttributes(AssignedSetup.BarGpa, 2 * Page, MemoryAttributes.Private);
        Assert.Equal(2, machine.Vendor.PrivatePages(0).Count);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.Equal(["create", "set up", "bind", "map mmio", "unmap mmio", "tear down", "unbind"], machine.Vendor.Log);
        bar.Write(0, [5, 6, 7, 8]);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
    });

    [Fact]
    public void A_driver_that_calls_no_service_is_cleaned_up_after() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        machine.Vendor.UsesServices = false;
        using UserMemory bar = setup.MapBarInProcess();
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.Equal(["create", "set up", "bind", "unbind", "tear down"], machine.Vendor.Log);
        bar.Read(0, new byte[4]);
    });

    [Fact]
    public void A_bind_that_fails_leaves_the_state_before_it() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        using UserMemory bar = setup.MapBarInProcess();
        machine.Vendor.BindResult = Errno.EIO;
        Assert.Equal(Errno.EIO, setup.Seed.TryTsmBind(setup.Vdevice).Errno);
        Assert.Equal(["create", "set up", "bind", "tear down"], machine.Vendor.Log);
        bar.Read(0, new byte[4]);
        machine.Vendor.BindResult = SysResult.Ok;
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
    });

    [Fact]
    public void Bind_refuses_what_does_not_fit() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process, joinVm: false);
        Assert.Equal(Errno.ENOENT, setup.Seed.TryTsmBind(new VdeviceId(99)).Errno);
        Assert.Equal(Errno.ENOENT, setup.Seed.TryTsmBind(setup.Vdevice).Errno);
        VfioDeviceClient second = machine.Device(process, 1);
        second.BindIommufd(default, setup.Iommufd.Fd, []);
        Assert.Equal(Errno.EINVAL, new SeedVfioDeviceClient(process, second.Fd, machine.Hub).TryTsmBind(setup.Vdevice).Errno);
    });

    [Fact]
    public void A_bound_device_refuses_reset_and_loss_of_decoding() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.True(setup.Seed.TryTsmBind(setup.Vdevice).IsOk);
        Assert.Equal(Errno.EBUSY, setup.Device.TryReset().Errno);
        setup.Device.TryGetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
        Assert.Equal(Errno.EBUSY, process.Write(setup.Device.Fd, config + (ulong)ConfigRegister.Command, [0, 0]).Errno);
        Assert.Equal(0, machine.Functions[0].Resets);
        Assert.True(setup.Seed.TryTsmUnbind().IsOk);
        Assert.True(setup.Device.TryReset().IsOk);
        Assert.Equal(1, machine.Functions[0].Resets);
    });

    [Fact]
    public void Switching_memory_decoding_off_revokes_and_on_recovers() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Fd buffer = setup.MapBar();
        using UserMemory bar = setup.MapBarInProcess();
        setup.Device.TryGetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
        Assert.True(process.Write(setup.Device.Fd, config + (ulong)ConfigRegister.Command, [0, 0]).IsOk);
        Assert.Throws<BusErrorException>(() => bar.Read(0, new byte[4]));
        Assert.Equal(Errno.ENODEV, setup.Vm.TrySetUserMemoryRegion2(2, AssignedSetup.DmaBufSlot, 0xE000_0000, PlainFunction.Size, null, 0, 0, buffer).Errno);
        Assert.True(process.Write(setup.Device.Fd, config + (ulong)ConfigRegister.Command, [(byte)ConfigCommand.Memory, 0]).IsOk);
        bar.Read(0, new byte[4]);
        Assert.True(setup.Vm.TrySetUserMemoryRegion2(2, AssignedSetup.DmaBufSlot, 0xE000_0000, PlainFunction.Size, null, 0, 0, buffer).IsOk);
    });

    [Fact]
    public void The_users_BARs_are_its_own_and_tell_their_size() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.Device.TryGetRegionInfo(out _, (uint)VfioPciRegion.ConfigRegionIndex, out _, out _, out ulong config);
        ulong register = config + (ulong)ConfigRegister.BaseAddress0;
        process.Write(setup.Device.Fd, register, [0xFF, 0xFF, 0xFF, 0xFF]);
        byte[] seen = new byte[4];
        process.Read(setup.Device.Fd, register, seen);
        Assert.Equal(~(uint)(PlainFunction.Size - 1), BitConverter.ToUInt32(seen));
        Assert.Equal(0u, machine.Functions[0].ReadConfig((int)ConfigRegister.BaseAddress0, 4));
    });

    [Fact]
    public void A_guest_request_reaches_the_driver_while_bound_only() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        var requests = new SeedIommufdClient(process, setup.Iommufd.Fd, machine.Hub);
        byte[] response = new byte[8];
        Assert.Equal(Errno.ENOENT, requests.TryVdeviceTsmGuestRequest(setup.Vdevice, default, out _, [], [1, 2, 3], response).Errno);
        setup.Seed.TryTsmBind(setup.Vdevice);
        Assert.True(requests.TryVdeviceTsmGuestRequest(setup.Vdevice, default, out uint length, [], [1, 2, 3], response).IsOk);
        Assert.Equal(3u, length);
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], response);
        setup.Seed.TryTsmUnbind();
        Assert.Equal(Errno.ENOENT, requests.TryVdeviceTsmGuestRequest(setup.Vdevice, default, out _, [], [1], response).Errno);
    });

    [Fact]
    public void The_profile_without_binding_does_not_know_it() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        VfioDeviceClient device = machine.Device(process, 0);
        device.BindIommufd(default, iommufd.Fd, []);
        Assert.Equal(Errno.ENOTTY, new SeedVfioDeviceClient(process, device.Fd, machine.Hub).TryTsmBind(new VdeviceId(1)).Errno);
    }, "linux-7.3");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Closing_a_bound_setup_in_any_order_ends_in_the_same_host_steps(int seed) => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        setup.MapBar();
        using UserMemory ram = process.Allocate(4 * Page);
        ulong iova = 0;
        setup.Iommufd.IoasMap(IoasMapFlags.FixedIova | IoasMapFlags.Readable, setup.Ioas, ram, 0, 4 * Page, ref iova);
        setup.Vm.CreateVcpu(0);
        setup.Seed.TryTsmBind(setup.Vdevice);
        setup.Vm.SetMemoryAttributes(AssignedSetup.BarGpa, Page, MemoryAttributes.Private);
        Fd[] files = [.. process.OpenFiles];
        new Random(seed).Shuffle(files);
        foreach (Fd file in files) Assert.True(process.Close(file).IsOk);
        Assert.Equal(["unmap mmio", "tear down", "unbind"], machine.Vendor.Log.Where(l => l is "unmap mmio" or "tear down" or "unbind"));
        Assert.True(machine.Vendor.Log.IndexOf("destroy") > machine.Vendor.Log.IndexOf("unbind"));
    });
}
