using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Hardware;

namespace TeeIo.Platform.Tests;

public sealed class IommufdTests
{
    private const ulong Page = PhysicalMemory.PageSize;
    private const IoasMapFlags Both = IoasMapFlags.Readable | IoasMapFlags.Writeable;
    private const IoasMapFlags Fixed = Both | IoasMapFlags.FixedIova;

    [Fact]
    public void A_fixed_mapping_over_another_is_EEXIST() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        IoasId ioas = iommufd.IoasAlloc();
        using UserMemory memory = process.Allocate(4 * Page);
        ulong iova = 0x10000;
        iommufd.IoasMap(Fixed, ioas, memory, 0, 2 * Page, ref iova);
        iova += Page;
        Assert.Equal(Errno.EEXIST, iommufd.TryIoasMap(Fixed, ioas, memory, 0, Page, ref iova).Errno);
        iova += Page;
        Assert.True(iommufd.TryIoasMap(Fixed, ioas, memory, 0, Page, ref iova).IsOk);
    });

    [Fact]
    public void A_malformed_mapping_is_refused_with_the_errno_of_the_spec() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        IoasId ioas = iommufd.IoasAlloc();
        using UserMemory memory = process.Allocate(2 * Page);
        ulong iova = 0x10000;
        Assert.Equal(Errno.EINVAL, iommufd.TryIoasMap(Fixed, ioas, memory, 0, 0, ref iova).Errno);
        iova = 0x10000;
        Assert.Equal(Errno.EINVAL, iommufd.TryIoasMap(IoasMapFlags.FixedIova, ioas, memory, 0, Page, ref iova).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommufd.TryIoasMap(Fixed | (IoasMapFlags)0x80, ioas, memory, 0, Page, ref iova).Errno);
        iova = 0x10000;
        Assert.Equal(Errno.ENOENT, iommufd.TryIoasMap(Fixed, new IoasId(99), memory, 0, Page, ref iova).Errno);
        iova = 0xFFFF_FFFF_FFFF_F000;
        Assert.Equal(Errno.EOVERFLOW, iommufd.TryIoasMap(Fixed, ioas, memory, 0, 2 * Page, ref iova).Errno);
    });

    [Fact]
    public void What_is_smaller_than_a_page_or_not_there_is_mapped_until_a_device_is_to_see_it() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        using UserMemory memory = process.Allocate(2 * Page);
        ulong iova = 0x10001;
        Assert.Equal(Errno.EINVAL, setup.Iommufd.TryIoasMap(Fixed, setup.Ioas, memory, 0, Page, ref iova).Errno);
        iova = 0x10000;
        Assert.Equal(Errno.EINVAL, setup.Iommufd.TryIoasMap(Fixed, setup.Ioas, memory, 0, 100, ref iova).Errno);
        Assert.Equal(Errno.EFAULT, setup.Iommufd.TryIoasMap(Fixed, setup.Ioas, memory, Page, 2 * Page, ref iova).Errno);
        IoasId small = setup.Iommufd.IoasAlloc();
        iova = 0x10001;
        setup.Iommufd.IoasMap(Fixed, small, memory, 1, 100, ref iova);
        PageTableId table = small;
        Assert.Equal(Errno.EADDRINUSE, setup.Device.TryAttachIommufdPt(default, ref table, 0).Errno);
        IoasId absent = setup.Iommufd.IoasAlloc();
        iova = 0x10000;
        setup.Iommufd.IoasMap(Fixed, absent, memory, Page, 2 * Page, ref iova);
        table = absent;
        Assert.Equal(Errno.EFAULT, setup.Device.TryAttachIommufdPt(default, ref table, 0).Errno);
    });

    [Fact]
    public void An_attached_device_has_a_page_table_that_goes_with_it() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        PageTableId table = setup.Ioas;
        setup.Device.AttachIommufdPt(default, ref table, 0);
        Assert.NotEqual(setup.Ioas.Value, table.Value);
        Assert.NotEqual(setup.Hwpt.Value, table.Value);
        Assert.Equal(Errno.EBUSY, setup.Iommufd.TryDestroy(new ObjectId(table.Value)).Errno);
        setup.Device.DetachIommufdPt(default, 0);
        Assert.Equal(Errno.ENOENT, setup.Iommufd.TryDestroy(new ObjectId(table.Value)).Errno);
    });

    [Fact]
    public void Unmap_never_splits_a_mapping() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        IoasId ioas = iommufd.IoasAlloc();
        using UserMemory memory = process.Allocate(2 * Page);
        ulong iova = 0x10000;
        iommufd.IoasMap(Fixed, ioas, memory, 0, 2 * Page, ref iova);
        ulong length = Page;
        Assert.Equal(Errno.ENOENT, iommufd.TryIoasUnmap(ioas, 0x10000, ref length).Errno);
        length = 2 * Page;
        Assert.True(iommufd.TryIoasUnmap(ioas, 0x10000, ref length).IsOk);
        Assert.Equal(2 * Page, length);
        Assert.Equal(Errno.ENOENT, iommufd.TryIoasUnmap(ioas, 0x10000, ref length).Errno);
        length = ulong.MaxValue;
        Assert.True(iommufd.TryIoasUnmap(ioas, 0, ref length).IsOk);
    });

    [Fact]
    public void The_kernel_picks_an_IOVA_inside_the_allowed_ranges() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        IoasId ioas = iommufd.IoasAlloc();
        using UserMemory memory = process.Allocate(Page);
        Assert.Equal(Errno.EINVAL, iommufd.TryIoasAllowIovas(ioas, [new IommuIovaRange { Start = 5, Last = 4 }]).Errno);
        iommufd.IoasAllowIovas(ioas, [new IommuIovaRange { Start = 0x50000, Last = 0x51FFF }]);
        ulong iova = 0;
        iommufd.IoasMap(Both, ioas, memory, 0, Page, ref iova);
        Assert.Equal(0x50000UL, iova);
        iommufd.IoasMap(Both, ioas, memory, 0, Page, ref iova);
        Assert.Equal(0x51000UL, iova);
        Assert.Equal(Errno.ENOSPC, iommufd.TryIoasMap(Both, ioas, memory, 0, Page, ref iova).Errno);
    });

    [Fact]
    public void An_attached_device_narrows_the_usable_ranges_and_too_small_a_list_is_EMSGSIZE() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        var one = new IommuIovaRange[1];
        Assert.Equal(Errno.EMSGSIZE, setup.Iommufd.TryIoasIovaRanges(setup.Ioas, out uint count, one, out _).Errno);
        Assert.Equal(2u, count);
        Assert.Equal(Iommu.InterruptWindow - 1, one[0].Last);
        using UserMemory memory = process.Allocate(Page);
        ulong iova = Iommu.InterruptWindow;
        Assert.Equal(Errno.EINVAL, setup.Iommufd.TryIoasMap(Fixed, setup.Ioas, memory, 0, Page, ref iova).Errno);
        Assert.Equal(Errno.EADDRINUSE, setup.Iommufd.TryIoasAllowIovas(setup.Ioas, [new IommuIovaRange { Start = 0, Last = Iommu.InterruptWindow }]).Errno);
    });

    [Fact]
    public void A_copy_needs_what_is_mapped_and_keeps_the_pages_after_the_first_is_gone() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        IoasId other = setup.Iommufd.IoasAlloc();
        UserMemory memory = process.Allocate(2 * Page);
        memory.Write(0, [42]);
        ulong iova = 0x10000;
        setup.Iommufd.IoasMap(Fixed, other, memory, 0, 2 * Page, ref iova);
        ulong copy = 0x90000;
        Assert.Equal(Errno.ENOENT, setup.Iommufd.TryIoasCopy(Fixed, setup.Ioas, other, 2 * Page, ref copy, 0x10000 + Page).Errno);
        copy = 0x90000;
        setup.Iommufd.IoasCopy(Fixed, setup.Ioas, other, 2 * Page, ref copy, 0x10000);
        setup.Iommufd.Destroy(other);
        memory.Dispose();
        byte[] seen = new byte[1];
        Assert.True(machine.Iommu.Read(0x101, 0x90000, seen, tee: false));
        Assert.Equal(42, seen[0]);
    });

    [Fact]
    public void DMA_goes_where_the_IOAS_says_and_is_dropped_elsewhere() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        using UserMemory memory = process.Allocate(Page);
        ulong iova = 0x10000;
        setup.Iommufd.IoasMap(IoasMapFlags.FixedIova | IoasMapFlags.Readable, setup.Ioas, memory, 0, Page, ref iova);
        byte[] seen = new byte[4];
        Assert.True(machine.Iommu.Read(0x101, 0x10000, seen, tee: false));
        Assert.False(machine.Iommu.Write(0x101, 0x10000, seen, tee: false));
        Assert.False(machine.Iommu.Read(0x101, 0x10000, seen, tee: true));
        Assert.False(machine.Iommu.Read(0x102, 0x10000, seen, tee: false));
        Assert.Equal(3, machine.Iommu.Dropped);
        setup.Device.DetachIommufdPt(default, 0);
        Assert.False(machine.Iommu.Read(0x101, 0x10000, seen, tee: false));
    });

    [Fact]
    public void Destroying_what_is_in_use_is_EBUSY_until_its_users_are_gone() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        IommufdClient iommufd = setup.Iommufd;
        Assert.Equal(Errno.EBUSY, iommufd.TryDestroy(setup.Ioas).Errno);
        Assert.Equal(Errno.EBUSY, iommufd.TryDestroy(setup.Hwpt).Errno);
        Assert.Equal(Errno.EBUSY, iommufd.TryDestroy(setup.Viommu).Errno);
        Assert.Equal(Errno.EBUSY, iommufd.TryDestroy(new ObjectId(setup.DeviceId.Value)).Errno);
        iommufd.Destroy(setup.Vdevice);
        iommufd.Destroy(setup.Viommu);
        setup.Device.DetachIommufdPt(default, 0);
        iommufd.Destroy(setup.Hwpt);
        iommufd.Destroy(setup.Ioas);
        Assert.Equal(Errno.ENOENT, iommufd.TryDestroy(setup.Ioas).Errno);
    });

    [Fact]
    public void A_device_has_one_vDEVICE_and_a_guest_number_is_used_once() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Assert.Equal(Errno.EEXIST, setup.Iommufd.TryVdeviceAlloc(setup.Viommu, setup.DeviceId, out _, 0x20).Errno);
        VfioDeviceClient second = machine.Device(process, 1);
        DeviceId other = second.BindIommufd(default, setup.Iommufd.Fd, []);
        Assert.Equal(Errno.EEXIST, setup.Iommufd.TryVdeviceAlloc(setup.Viommu, other, out _, 0x18).Errno);
        Assert.True(setup.Iommufd.TryVdeviceAlloc(setup.Viommu, other, out _, 0x20).IsOk);
        Assert.Equal(Errno.ENOENT, setup.Iommufd.TryVdeviceAlloc(new ViommuId(99), other, out _, 0x28).Errno);
    });

    [Fact]
    public void A_vIOMMU_needs_a_nesting_parent_and_a_known_type() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        HwptId plain = setup.Iommufd.HwptAlloc(default, setup.DeviceId, setup.Ioas, HwptDataType.None, [], default);
        Assert.Equal(Errno.EINVAL, setup.Iommufd.TryViommuAlloc(ViommuType.Tsm, setup.DeviceId, plain, out _, []).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, setup.Iommufd.TryViommuAlloc(ViommuType.Default, setup.DeviceId, setup.Hwpt, out _, []).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, setup.Iommufd.TryHwptAlloc(HwptAllocFlags.AllocDirtyTracking, setup.DeviceId, setup.Ioas, out _, HwptDataType.None, [], default).Errno);
    });

    [Fact]
    public void The_id_of_a_vDEVICE_stays_taken_when_its_device_goes_first() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        process.Close(setup.VfioGroup.Fd);
        process.Close(setup.Device.Fd);
        Assert.Equal(Errno.ENOENT, setup.Iommufd.TryDestroy(setup.Vdevice).Errno);
        for (int i = 0; i < 4; i++) Assert.NotEqual(setup.Vdevice.Value, setup.Iommufd.IoasAlloc().Value);
        Assert.True(setup.Iommufd.TryDestroy(setup.Viommu).IsOk);
    });

    [Fact]
    public void A_mapped_dma_buf_is_dead_after_a_revoke_even_when_it_is_recovered() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        Fd buffer = setup.MapBar();
        ulong iova = 0x10000;
        setup.Iommufd.IoasMapFile(Fixed, setup.Ioas, buffer, 0, PlainFunction.Size, ref iova);
        byte[] seen = new byte[4];
        Assert.True(machine.Iommu.Read(0x101, 0x10000, seen, tee: false));
        Assert.True(setup.Device.TryReset().IsOk);
        Assert.False(machine.Iommu.Read(0x101, 0x10000, seen, tee: false));
        iova = 0x90000;
        Assert.True(setup.Iommufd.TryIoasMapFile(Fixed, setup.Ioas, buffer, 0, Page, ref iova).IsOk);
        Assert.Equal(Errno.EBADF, setup.Iommufd.TryIoasMapFile(Fixed, setup.Ioas, new Fd(77), 0, Page, ref iova).Errno);
        iova = 0xA0000;
        Assert.Equal(Errno.EINVAL, setup.Iommufd.TryIoasMapFile(Fixed, setup.Ioas, setup.Device.Fd, 0, Page, ref iova).Errno);
    });

    [Fact]
    public void Calls_that_the_hardware_lacks_say_so() => TestMachine.Run((machine, process) =>
    {
        var setup = new AssignedSetup(machine, process);
        IommufdClient iommufd = setup.Iommufd;
        Assert.Equal(Errno.EOPNOTSUPP, iommufd.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, setup.Hwpt).Errno);
        Assert.Equal(Errno.ENOENT, iommufd.TryHwptSetDirtyTracking(DirtyTrackingFlags.Enable, new HwptId(99)).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommufd.TryVeventqAlloc(setup.Viommu, VeventqType.Default, 4, out _, out _).Errno);
        Assert.Equal(Errno.EINVAL, iommufd.TryVeventqAlloc(setup.Viommu, VeventqType.ArmSmmuv3, 0, out _, out _).Errno);
        Assert.Equal(Errno.EOPNOTSUPP, iommufd.TryVeventqAlloc(setup.Viommu, VeventqType.ArmSmmuv3, 4, out _, out _).Errno);
        Assert.Equal(Errno.ENODEV, Get(iommufd).Errno);
        iommufd.FaultQueueAlloc(out FaultId queue, out Fd file);
        Assert.Equal(Errno.EBUSY, iommufd.TryDestroy(queue).Errno);
        process.Close(file);
        Assert.True(iommufd.TryDestroy(queue).IsOk);
        static SysResult Get(IommufdClient client)
        {
            IoasId id = default;
            return client.TryVfioIoas(ref id, VfioIoasOp.Get);
        }
    });

    [Fact]
    public void What_mainline_put_on_the_profiles_numbers_does_not_exist_in_it() => TestMachine.Run((machine, process) =>
    {
        IommufdClient iommufd = machine.Iommufd(process);
        ulong length = Page;
        Assert.Equal(Errno.ENOTTY, iommufd.TryIoasNoiommuGetPa(iommufd.IoasAlloc(), 0, ref length, out _).Errno);
    });
}
