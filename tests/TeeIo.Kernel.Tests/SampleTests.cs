namespace TeeIo.Kernel.Tests;

/// <summary>The samples that users copy, on the real kernel.</summary>
public sealed class SampleTests
{
    [Fact]
    public void Edu_dma_copies_through_the_IOMMU_and_is_told_by_an_interrupt()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        string program = Rig.Publish("sdk/samples/edu-dma", "edu-dma");
        (int code, string output) = Rig.Run(["--timeout", "60"], program, "/dev/vfio/devices/vfio0");
        Assert.True(code == 0, output);
        Assert.Contains("through the IOMMU and back: 26 bytes, equal", output, StringComparison.Ordinal);
        (code, output) = Rig.Run(["--timeout", "60"], program, "/dev/vfio/devices/vfio9");
        Assert.NotEqual(0, code);
        Assert.Contains("/dev/vfio/devices/vfio9 can't be opened: ENOENT", output, StringComparison.Ordinal);
    }
}
