using System.Text.RegularExpressions;

namespace TeeIo.Kernel.Tests;

/// <summary>The NVMe sample beside the kernel's own driver: one boot with two controllers, the first of which goes back and forth between the two drivers.</summary>
public sealed partial class NvmeSampleTests
{
    /// <summary>Each part says its name first; what it writes after that is what the tests look at.</summary>
    private const string Script = """
        program=$1
        part() { echo "== $1"; }

        # The kernel numbers controllers as it finds them: serial numbers tell which is which.
        controller() { until grep -ls "$1" /sys/class/nvme/*/serial; do sleep 0.1; done | xargs dirname; }
        disk() { disk=/dev/$(basename "$(controller "$1")")n1; until [ -b "$disk" ]; do sleep 0.1; done; echo "$disk"; }
        other=$(disk teeio1)

        seq 1 300000 | head -c 1500160 >/tmp/kernel
        dd if=/tmp/kernel of="$(disk teeio0)" bs=64k oflag=direct conv=fsync 2>/dev/null
        first=$(basename "$(readlink -f "$(controller teeio0)/device")")
        device=$(sh sdk/samples/nvme/assign.sh "$first" vfio-pci)

        part identify
        "$program" "$device"

        part lengths
        for blocks in 1 8 9 16 17 1024 1025 2925; do
            "$program" "$device" --read 5 "$blocks" >/tmp/read
            dd if=/tmp/kernel bs=512 skip=5 count="$blocks" 2>/dev/null | cmp - /tmp/read && echo "$blocks equal"
        done

        part check
        "$program" "$device" --check
        "$program" "$device" --read 129024 2048 | tr -d '\0' | wc -c

        part errors
        "$program" /dev/vfio/devices/vfio0 || echo "exit $?"
        "$program" "$device" --read 131071 2 || echo "exit $?"
        head -c 1000 /tmp/kernel | "$program" "$device" --write 0 || echo "exit $?"
        "$program" "$device" --raed 0 1 2>/dev/null || echo "exit $?"

        part throughput
        "$program" "$device" --throughput "$other"

        seq 300000 600000 | head -c 1500160 >/tmp/ours
        "$program" "$device" --write 7 </tmp/ours
        sh sdk/samples/nvme/assign.sh "$first" nvme
        part "read by the kernel"
        dd if="$(disk teeio0)" bs=512 skip=7 count=2930 iflag=direct 2>/dev/null | cmp - /tmp/ours && echo "ours equal"
        dd if="$(disk teeio0)" bs=512 count=7 iflag=direct 2>/dev/null | cmp -n 3584 - /tmp/kernel && echo "blocks before equal"

        part "the IOMMU"
        dmesg | grep -ci 'DMAR.*fault'

        part "held by the kernel"
        "$program" "$device" || echo "exit $?"
        """;

    private static readonly Lazy<Dictionary<string, string>> s_parts = new(Run);

    [Fact]
    public void Identify_tells_model_serial_and_blocks()
    {
        string said = Part("identify");
        Assert.Contains("model:     QEMU NVMe Ctrl\n", said, StringComparison.Ordinal);
        Assert.Contains("serial:    teeio0\n", said, StringComparison.Ordinal);
        Assert.Contains("namespace: 1, 131072 blocks of 512 bytes, up to 512 KiB with a command\n", said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_kernel_s_driver_wrote_is_read_in_one_page_two_a_list_and_several_commands() =>
        Assert.Equal("1 equal\n8 equal\n9 equal\n16 equal\n17 equal\n1024 equal\n1025 equal\n2925 equal\n", Part("lengths"));

    [Fact]
    public void What_is_written_is_read_back_by_polling_and_by_interrupt_and_the_disk_is_as_before() =>
        Assert.Equal("1048576 bytes from block 129024 on: written, read back by polling and by interrupt, equal\n0\n", Part("check"));

    [Fact]
    public void What_was_written_is_read_by_the_kernel_s_driver() => Assert.Equal("ours equal\nblocks before equal\n", Part("read by the kernel"));

    [Fact]
    public void The_device_reached_for_no_memory_that_it_was_not_given() => Assert.Equal("0\n", Part("the IOMMU"));

    [Fact]
    public void A_function_that_is_no_controller_and_blocks_that_are_not_there_are_refused_with_what_to_do()
    {
        string[] said = Part("errors").TrimEnd('\n').Split('\n');
        Assert.Equal(
            [
                "nvme: /dev/vfio/devices/vfio0: this is no NVMe controller: its PCI class is 00ff, interface 00, where a controller has 0108, 02. 'lspci -nn -d ::0108' lists the controllers.", "exit 1",
                "nvme: /dev/vfio/devices/vfio1: the disk has 131072 blocks; 2 from block 131071 on go beyond its end.", "exit 1",
                "nvme: /dev/vfio/devices/vfio1: standard input has 1000 bytes, which are no whole blocks of 512. Nothing was written.", "exit 1", "exit 2",
            ],
            said);
    }

    [Fact]
    public void A_controller_that_the_kernel_has_is_not_there_to_open()
    {
        string said = Part("held by the kernel");
        Assert.Contains("/dev/vfio/devices/vfio1 can't be opened: ENOENT", said, StringComparison.Ordinal);
        Assert.EndsWith("exit 1\n", said, StringComparison.Ordinal);
    }

    /// <summary>How fast it is nobody asserts: the machine is emulated, and shared.</summary>
    [Fact]
    public void Throughput_stands_beside_the_kernel_s()
    {
        string[] said = Part("throughput").TrimEnd('\n').Split('\n');
        Assert.Equal(7, said.Length);
        Assert.All(said[1..], line => Assert.Matches(Row(), line));
    }

    [GeneratedRegex(@"^(Read |Write) *\d+ KiB( +\d+\.\d){3}( +\d+\.\d\d){2}$")]
    private static partial Regex Row();

    private static string Part(string name)
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        return s_parts.Value[name];
    }

    private static Dictionary<string, string> Run()
    {
        string program = Rig.Publish("sdk/samples/nvme", "nvme");
        (int code, string output) = Rig.Run(["--timeout", "180", "--device", "nvme", "--device", "nvme"], "sh", "-c", Script, "sh", program);
        string[] parts = ("\n" + output.ReplaceLineEndings("\n")).Split("\n== ");
        Assert.True(code == 0 && parts.Length > 8, output);
        return parts.Skip(1).ToDictionary(p => p[..p.IndexOf('\n', StringComparison.Ordinal)], p => p[(p.IndexOf('\n', StringComparison.Ordinal) + 1)..] + (p.EndsWith('\n') ? "" : "\n"));
    }
}
