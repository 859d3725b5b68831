using TeeIo.Flow;
using TeeIo.Flow.Ftrace;
using TeeIo.Linux.Iommufd;
using TeeIo.Linux.Kvm;
using TeeIo.Linux.Vfio;
using TeeIo.Tsm;

namespace TeeIo.Sdk.Tests.Flow.Ftrace;

public sealed class KernelTraceTests
{
    /// <summary>A device is bound to an IOMMUFD.</summary>
    internal const string Bind =
        """
        vmm-71 [000] ..... 1.000001: teeio_vfio: (v+0x0/0x9) cmd=0x3b76 arg=0x7ffd file=0xffff888003a42000 w0=0x10 w1=0x5
        vmm-71 [000] ..... 1.000002: teeio_device_bind: (b+0x0/0x9) device="0000:01:00.1" context=0xffff8880
        vmm-71 [000] ..... 1.000003: teeio_vfio_ret: (c+0x9/0x9 <- v) ret=0 w0=0x10 w1=0x100000005
        """;

    /// <summary>A vendor with one firmware call, whose number is 7.</summary>
    internal static readonly TraceVendor Vendor = new("test", 9, [], [new FirmwareProbe("firmware", "leaf", 16, [Firmware("FW.RUN", 7), Firmware("FW.SECRET", null)])], []);

    [Fact]
    public void A_call_crosses_on_both_sides_with_its_arguments_and_its_result()
    {
        KernelTrace trace = Map(Bind);
        Assert.Equal([CrossingSide.Client, CrossingSide.Server], trace.Crossings.Select(c => c.Side));
        Assert.All(trace.Crossings, c => Assert.Same(VfioCalls.BindIommufd, c.Call));
        Assert.Same(trace.Crossings[0], trace.Crossings[1].Parent);
        Assert.Equal("VFIO_DEVICE_BIND_IOMMUFD flags=0x0 iommufd=5 out_devid=0x1 = 0", TraceText.Describe(trace.Crossings[0]));
        Assert.Equal(("vmm-71", "line 1, 1.000001 s", "line 3, 1.000003 s"), (trace.Crossings[0].Task, trace.Place(trace.Crossings[0].Sequence), trace.Place(trace.Crossings[0].ClosedAt)));
        Assert.Empty(trace.Remarks);
    }

    [Fact]
    public void A_device_is_known_by_its_file_until_that_is_closed_and_by_its_id()
    {
        const string More =
            """

            vmm-71 [000] ..... 2.000001: teeio_iommufd: (i+0x0/0x9) cmd=0x3b91 w0=0x400000018 w1=0x1 w2=0x18
            vmm-71 [000] ..... 2.000002: teeio_iommufd_ret: (c+0x9/0x9 <- i) ret=0 w0=0x400000018 w1=0x500000001 w2=0x18
            vmm-71 [000] ..... 2.000003: teeio_vfio: (v+0x0/0x9) cmd=0x3b77 file=0xffff888003a42000 w0=0xc w1=0x3
            vmm-71 [000] ..... 2.000004: teeio_vfio_ret: (c+0x9/0x9 <- v) ret=0 w0=0xc w1=0x3
            vmm-71 [000] ..... 2.000005: teeio_vfio_close: (r+0x0/0x9) file=0xffff888003a42000
            vmm-71 [000] ..... 2.000006: teeio_vfio: (v+0x0/0x9) cmd=0x3b77 file=0xffff888003a42000 w0=0xc w1=0x3
            vmm-71 [000] ..... 2.000007: teeio_vfio_ret: (c+0x9/0x9 <- v) ret=-22 w0=0xc w1=0x3
            """;
        KernelTrace trace = Map(Bind + More);
        Assert.Equal(["0000:01:00.1"], trace.Subjects);
        IEnumerable<(string, string?)> calls = trace.Crossings.Where(c => c.Side == CrossingSide.Server).Select(c => (c.Call.Name, c.Subject));
        Assert.Equal(
            [("VFIO_DEVICE_BIND_IOMMUFD", "0000:01:00.1"), ("IOMMU_VDEVICE_ALLOC", "0000:01:00.1"), ("VFIO_DEVICE_ATTACH_IOMMUFD_PT", "0000:01:00.1"), ("VFIO_DEVICE_ATTACH_IOMMUFD_PT", null)], calls);
    }

    [Fact]
    public void What_devices_can_share_is_nobody_s_alone()
    {
        KernelTrace trace = Map(Bind + "\nvmm-71 [000] ..... 2.0: teeio_iommufd: (i+0x0/0x9) cmd=0x3b89 w0=0x30 w1=0x200000001\nvmm-71 [000] ..... 2.1: teeio_iommufd_ret: (c+0x9/0x9 <- i) ret=0 w0=0x30 w1=0x200000001 w2=0x300000000");
        Assert.Equal((IommufdCalls.HwptAlloc.Name, null), (trace.Crossings[^1].Call.Name, trace.Crossings[^1].Subject));
    }

    [Fact]
    public void Calls_nest_task_by_task()
    {
        KernelTrace trace = Map(
            """
            vmm-71 [000] ..... 1.0: teeio_kvm_vcpu: (k+0x0/0x9) cmd=0xae80 arg=0x0
            vmm-72 [001] ..... 1.1: teeio_vfio: (v+0x0/0x9) cmd=0x3b77 w0=0xc w1=0x3
            vmm-71 [000] ..... 1.2: teeio_firmware: (f+0x0/0x9) leaf=0x10007 rcx=0x1000 rdx=0x2
            vmm-71 [000] ..... 1.3: teeio_firmware_ret: (k+0x1/0x9 <- f) ret=0x0 rcx=0x0 rdx=0x2
            vmm-72 [001] ..... 1.4: teeio_vfio_ret: (c+0x1/0x9 <- v) ret=0
            vmm-71 [000] ..... 1.5: teeio_kvm_vcpu_ret: (c+0x1/0x9 <- k) ret=-4
            """);
        Assert.Equal(["KVM_RUN", "KVM_RUN", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "FW.RUN", "FW.RUN"], trace.Crossings.Select(c => c.Call.Name));
        Assert.True(trace.Crossings[5].IsWithin("KVM_RUN"));
        Assert.False(trace.Crossings[3].IsWithin("KVM_RUN"));
        Assert.Equal("FW.RUN page=0x1000 = 0", TraceText.Describe(trace.Crossings[4]));
        Assert.Equal("-EINTR", CrossingArguments.DescribeOutcome(trace.Crossings[0]));
        Assert.Empty(trace.Remarks);
    }

    [Fact]
    public void An_entry_of_the_core_has_its_driver_s_operation_in_it()
    {
        KernelTrace trace = Map(
            """
            vmm-71 [000] ..... 1.0: teeio_tsm_bind: (t+0x0/0x9) dev=0xffff8880 device="0000:01:00.1" vm=0x1000 tdi_id=0x18
            vmm-71 [000] ..... 1.1: teeio_tsm_bind_ret: (c+0x1/0x9 <- t) ret=-16
            """);
        Assert.Equal([TsmCoreCalls.TsmBind, TsmCoreCalls.TsmBind, HostTsmCalls.Bind, HostTsmCalls.Bind], trace.Crossings.Select(c => c.Call));
        Assert.Equal("tsm-core.tsm_bind function=0x101 vm=0x1000 tdi_id=0x18 = -EBUSY", TraceText.Describe(trace.Crossings[0]));
        Assert.Equal("link-ops.bind tdi=0x101 = -EBUSY", TraceText.Describe(trace.Crossings[3]));
    }

    [Fact]
    public void A_driver_s_own_success_of_sysfs_is_success()
    {
        KernelTrace trace = Map("sh-70 [000] ..... 1.0: teeio_tsm_connect: (s+0x0/0x9) device=\"0000:01:00.0\"\nsh-70 [000] ..... 1.1: teeio_tsm_connect_ret: (c+0x1/0x9 <- s) ret=5 written=1");
        Assert.Equal("link-ops.connect function=0x100 = 0", TraceText.Describe(trace.Crossings[^1]));
    }

    [Fact]
    public void A_call_that_another_one_carries_is_told_by_the_carrier_s_record()
    {
        KernelTrace trace = Map(
            """
            vmm-71 [000] ..... 1.0: teeio_kvm_device: (d+0x0/0x9) cmd=0x4018aee1 arg=0x7ffd w0=0x100000000 w1=0x1 w2=0x7ffd
            vmm-71 [000] ..... 1.1: teeio_kvm_device_ret: (c+0x1/0x9 <- d) ret=0
            vmm-71 [000] ..... 1.2: teeio_kvm_vcpu: (d+0x0/0x9) cmd=0x4018aee1 arg=0x7ffd w0=0x100000000 w1=0x1 w2=0x7ffd
            vmm-71 [000] ..... 1.3: teeio_kvm_vcpu_ret: (c+0x1/0x9 <- d) ret=0
            vmm-71 [000] ..... 1.4: teeio_vfio: (v+0x0/0x9) cmd=0x3b75 w0=0x1000b00000018
            vmm-71 [000] ..... 1.5: teeio_vfio_ret: (c+0x1/0x9 <- v) ret=11
            """);
        IEnumerable<string> calls = trace.Crossings.Where(c => c.Side == CrossingSide.Client).Select(c => c.Call.Name);
        Assert.Equal(["KVM_DEV_VFIO_FILE_ADD", "KVM_SET_DEVICE_ATTR", "VFIO_DEVICE_FEATURE_DMA_BUF"], calls);
    }

    [Fact]
    public void A_scalar_is_the_argument_itself()
    {
        KernelTrace trace = Map("vmm-71 [000] ..... 1.0: teeio_kvm: (d+0x0/0x9) cmd=0xae01 arg=0x1 w0=(fault)\nvmm-71 [000] ..... 1.1: teeio_kvm_ret: (c+0x1/0x9 <- d) ret=7 w0=(fault)");
        Assert.Equal((KvmCalls.CreateVm, 7), (trace.Crossings[0].Call, trace.Crossings[0].Outcome));
        Assert.True(CrossingArguments.TryRead(trace.Crossings[0], "machine_type", out ulong kind));
        Assert.Equal(1ul, kind);
    }

    [Fact]
    public void What_lies_behind_a_short_record_is_no_argument()
    {
        KernelTrace trace = Map("vmm-71 [000] ..... 1.0: teeio_vfio: (v+0x0/0x9) cmd=0x3b77 arg=0x7ffd w0=0xc w1=0x5500000003\nvmm-71 [000] ..... 1.1: teeio_vfio_ret: (c+0x1/0x9 <- v) ret=0 w0=0xc w1=0x5500000003");
        Assert.Equal("VFIO_DEVICE_ATTACH_IOMMUFD_PT flags=0x0 pt_id=0x3 = 0", TraceText.Describe(trace.Crossings[0]));
    }

    [Fact]
    public void Calls_without_a_beginning_or_an_end_and_unknown_ones_are_told()
    {
        KernelTrace trace = Map(
            """
            CPU:0 [LOST 9 EVENTS]
            vmm-71 [000] ..... 1.0: teeio_vfio_ret: (c+0x1/0x9 <- v) ret=0
            vmm-71 [000] ..... 1.1: teeio_kvm_vcpu: (k+0x0/0x9) cmd=0xae80
            vmm-71 [000] ..... 1.2: teeio_vfio: (v+0x0/0x9) cmd=0x3bff
            vmm-71 [000] ..... 1.3: teeio_kvm_vcpu_ret: (c+0x1/0x9 <- k) ret=0
            vmm-72 [000] ..... 1.4: teeio_firmware: (f+0x0/0x9) leaf=0x8
            """);
        Assert.Equal(
            [
                "line 1: 9 events were lost; rows may be missing for that reason",
                "line 2: vfio of vmm-71 ends, and the trace has no beginning of it",
                "line 4: vfio of vmm-71 has no end in the trace",
                "line 6: firmware of vmm-72 has no end in the trace",
                "firmware leaf=0x8 is no call that this profile and vendor know (1 times)",
                "vfio cmd=0x3bff is no call that this profile and vendor know (1 times)",
            ],
            trace.Remarks);
        Assert.Equal(["KVM_RUN", "KVM_RUN"], trace.Crossings.Select(c => c.Call.Name));
    }

    [Fact]
    public void A_trace_shows_the_calls_of_its_probes_that_have_a_number()
    {
        KernelTrace said = Map("# teeio: probed teeio_firmware (f)\n# teeio: probed teeio_vfio (v)\n# teeio: not probed teeio_iommufd: no module");
        Assert.True(said.Shows("FW.RUN") && said.Shows(VfioCalls.FeatureDmaBuf.Name));
        Assert.False(said.Shows("FW.SECRET") || said.Shows(IommufdCalls.IoasMap.Name) || said.Shows("guest-ops.attest"));
        KernelTrace unsaid = Map(Bind);
        Assert.True(unsaid.Shows(VfioCalls.BindIommufd.Name));
        Assert.False(unsaid.Shows(IommufdCalls.IoasMap.Name));
    }

    [Fact]
    public void A_number_means_what_the_profile_says()
    {
        const string Call = "vmm-71 [000] ..... 1.0: teeio_iommufd: (i+0x0/0x9) cmd=0x3b94 w0=0x30 w1=0x5\nvmm-71 [000] ..... 1.1: teeio_iommufd_ret: (c+0x1/0x9 <- i) ret=0";
        Assert.Equal("IOMMU_HW_QUEUE_ALLOC", Map(Call).Crossings[0].Call.Name);
        Assert.Equal("IOMMU_VDEVICE_TSM_GUEST_REQUEST", Map(Call, "seed-2025-05").Crossings[0].Call.Name);
    }

    private static KernelTrace Map(string text, string profile = KernelCalls.Released) => KernelTrace.Of(FtraceReader.Read(new StringReader(text)), profile, Vendor);

    private static CallInfo Firmware(string name, ulong? number) => new()
    {
        Abi = "firmware",
        Name = name,
        Number = number,
        Client = "host-tsm",
        Server = "firmware",
        Outcome = OutcomeKind.Status,
        Arguments = [new ArgumentInfo("page", 8, 8, 0, 0, true, false, ArgumentFormat.Hex)],
    };
}
