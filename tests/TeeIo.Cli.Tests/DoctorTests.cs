using System.Runtime.Versioning;
using TeeIo.Cli.Doctor;
using TeeIo.Linux;

namespace TeeIo.Cli.Tests;

/// <summary>What <c>teeio doctor</c> says of machines that lack something: each has files as such a machine has them. What a whole one has is seen in the rig (TeeIo.Kernel.Tests).</summary>
[SupportedOSPlatform("linux")]
public sealed class DoctorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("teeio-doctor-").FullName;

    public DoctorTests()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("this is not Linux");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void On_an_empty_machine_each_part_is_missing_with_what_to_do()
    {
        IReadOnlyList<Finding> findings = Examine();
        Assert.Equal(["kernel", "IOMMU", "IOMMUFD", "VFIO", "KVM"], findings.Where(f => f.State == FindingState.Missing).Select(f => f.Part));
        Assert.All(findings.Where(f => f.State != FindingState.Ok), f => Assert.False(string.IsNullOrEmpty(f.Remedy), f.Text));
        Assert.Contains("modprobe iommufd", Of(findings, "IOMMUFD").Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.3.4", FindingState.Ok, false)]
    [InlineData("7.12.0-rc1+", FindingState.Ok, false)]
    [InlineData("6.12.48-amd64", FindingState.Ok, true)]
    [InlineData("6.1.0-37-amd64", FindingState.Missing, true)]
    [InlineData("strange", FindingState.Missing, true)]
    public void A_kernel_is_judged_by_its_release(string release, object state, bool hasRemedy)
    {
        Write("proc/sys/kernel/osrelease", release + "\n");
        Finding kernel = Of(Examine(), "kernel");
        Assert.Equal((FindingState)state, kernel.State);
        Assert.Equal(hasRemedy, kernel.Remedy is not null);
        Assert.Contains(release, kernel.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void With_vfio_and_no_device_it_says_how_to_give_one()
    {
        Directory.CreateDirectory(Path.Combine(_root, "sys/class/vfio-dev"));
        Assert.Contains("driver_override", Of(Examine(), "VFIO").Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_TSM_and_its_devices_are_named()
    {
        Directory.CreateDirectory(Path.Combine(_root, "sys/class/tsm/tsm0"));
        Write("sys/bus/pci/devices/0000:01:00.0/tsm/connect", "");
        Write("sys/bus/pci/devices/0000:02:00.0/vendor", "");
        IReadOnlyList<Finding> findings = Examine();
        Assert.Equal("tsm0", Of(findings, "TSM").Text);
        Assert.Equal("0000:01:00.0", Of(findings, "TDISP devices").Text);
    }

    [Fact]
    public void A_vendor_s_signs_are_read_where_the_vendor_says()
    {
        Write("sys/module/kvm_x/parameters/secret", "Y\n");
        Write("dev/secret", "");
        HostSign[] signs = [new("/sys/module/kvm_x/parameters/secret", "Y", "it is on", "switch it on"), new("/sys/module/kvm_x/parameters/other", "Y", "it is on", "switch it on"), new("/dev/secret", null, "it is there", "load it")];
        Finding[] found = [.. new Examination(new LinuxTransport(), _root).Run([("X", signs)]).Where(f => f.Part == "X")];
        Assert.Equal([FindingState.Ok, FindingState.Absent, FindingState.Ok], found.Select(f => f.State));
        Assert.Equal("switch it on", found[1].Remedy);
    }

    private static Finding Of(IReadOnlyList<Finding> findings, string part) => Assert.Single(findings, f => f.Part == part);

    private IReadOnlyList<Finding> Examine() => new Examination(new LinuxTransport(), _root).Run(Vendors.HostSigns);

    private void Write(string path, string content)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
