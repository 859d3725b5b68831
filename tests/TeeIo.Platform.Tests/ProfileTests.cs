using TeeIo.Boundaries;
using TeeIo.Linux;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Platform.Kernel;

namespace TeeIo.Platform.Tests;

/// <summary>A profile is chosen by name and is closed: what another one's VMM sends means something else in it, or nothing.</summary>
public sealed class ProfileTests
{
    public static TheoryData<string> All => [.. SoftwareKernel.Profiles];

    [Fact]
    public void A_profile_that_is_none_is_refused_with_those_that_are()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new TestMachine("linux-9.9"));
        Assert.All(SoftwareKernel.Profiles, p => Assert.Contains(p, refused.Message, StringComparison.Ordinal));
        Assert.Equal(["seed-2025-05", "arm-v5", "next", "linux-7.3"], SoftwareKernel.Profiles);
    }

    /// <summary>Profile whose VMM sends, its request (number and bytes), and how each kernel answers: seed-2025-05, arm-v5, next, linux-7.3. Its own serves it (or doesn't know the vDEVICE).</summary>
    public static TheoryData<string, uint, byte[], Errno[]> Strangers => new()
    {
        // seed-2025-05's guest request has the number of mainline's queue allocation.
        { "a request by type", 0x3B94, Request(48, 0, 0), [Errno.ENOENT, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP, Errno.EOPNOTSUPP] },

        // arm-v5's operation has the number of mainline's IOMMU_IOAS_NOIOMMU_GET_PA, which is longer.
        { "arm-v5's operation", 0x3B95, [16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0], [Errno.ENOTTY, Errno.ENOENT, Errno.EINVAL, Errno.EINVAL] },

        // arm-v5's request has the number of next's operation, which is shorter: E2BIG, because a length stands behind its end.
        { "arm-v5's request", 0x3B96, Request(48, 1, 4, at: 16), [Errno.ENOTTY, Errno.ENOENT, Errno.E2BIG, Errno.ENOTTY] },

        // next's operation has the number of arm-v5's request, which is longer.
        { "next's operation", 0x3B96, [16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0], [Errno.ENOTTY, Errno.EINVAL, Errno.ENOENT, Errno.ENOTTY] },
        { "next's request", 0x3B97, Request(48, 1, 3), [Errno.ENOTTY, Errno.ENOTTY, Errno.ENOENT, Errno.ENOTTY] },
    };

    [Theory]
    [MemberData(nameof(Strangers))]
    public void A_request_means_what_the_kernels_own_profile_says(string what, uint request, byte[] record, Errno[] answers)
    {
        Assert.Equal(4, answers.Length);
        for (int i = 0; i < answers.Length; i++)
        {
            Errno expected = answers[i];
            string profile = SoftwareKernel.Profiles[i];
            TestMachine.Run(
                (machine, process) =>
                {
                    Fd iommufd = machine.Iommufd(process).Fd;
                    var frame = new IoctlFrame([.. record]);
                    frame.Add(24, new byte[4]);
                    frame.Add(32, new byte[4]);
                    Assert.True(expected == process.Ioctl(iommufd, request, frame).Errno, $"{what} in {profile}");
                },
                profile);
        }
    }

    [Theory]
    [InlineData("arm-v5")]
    [InlineData("next")]
    [InlineData("linux-7.3")]
    public void VFIO_binds_in_the_seeds_profile_only(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            VfioDeviceClient device = machine.Device(process, 0);
            device.BindIommufd(default, machine.Iommufd(process).Fd, []);
            Assert.Equal(Errno.ENOTTY, process.Ioctl(device.Fd, 0x3B7A, new IoctlFrame([16, 0, 0, 0, .. new byte[12]])).Errno);
            Assert.Equal(Errno.ENOTTY, process.Ioctl(device.Fd, 0x3B7B, new IoctlFrame([8, 0, 0, 0, 0, 0, 0, 0])).Errno);
        },
        profile);

    [Theory]
    [MemberData(nameof(All))]
    public void Slots_that_show_a_dma_buf_and_trusted_vIOMMUs_are_in_the_profiles_that_bind(string profile) => TestMachine.Run(
        (machine, process) =>
        {
            Assert.Equal(profile != "linux-7.3", machine.Kernel.CanBind);
            KvmVmClient vm = machine.Vm(process);
            IommufdClient iommufd = machine.Iommufd(process);
            VfioDeviceClient device = machine.Device(process, 0);
            DeviceId id = device.BindIommufd(default, iommufd.Fd, []);
            HwptId table = iommufd.HwptAlloc(HwptAllocFlags.AllocNestParent, id, iommufd.IoasAlloc(), HwptDataType.None, [], default);
            Fd buffer = device.FeatureDmaBuf(VfioPciRegion.Bar0RegionIndex, 0, [new VfioRegionDmaRange { Offset = 0, Length = PlainFunction.Size }]);
            bool binds = machine.Kernel.CanBind;
            Assert.Equal(binds ? Errno.Ok : Errno.EINVAL, vm.TrySetUserMemoryRegion2(1, AssignedSetup.DmaBufSlot, AssignedSetup.BarGpa, PlainFunction.Size, null, 0, 0, buffer).Errno);
            Assert.Equal(binds ? Errno.Ok : Errno.EOPNOTSUPP, iommufd.TryViommuAlloc(ViommuType.Tsm, id, table, out _, []).Errno);
        },
        profile);

    private static byte[] Request(byte size, byte selector, byte value, int at = 12)
    {
        byte[] record = new byte[size];
        (record[0], record[4], record[8], record[at]) = (size, 99, selector, value);
        return record;
    }
}
