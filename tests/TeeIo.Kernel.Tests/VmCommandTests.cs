namespace TeeIo.Kernel.Tests;

/// <summary>What <c>teeio vm</c> promises its users.</summary>
public sealed class VmCommandTests
{
    [Fact]
    public void The_exit_code_and_the_words_are_the_command_s()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        (int code, string output) = Rig.Run(["--timeout", "60"], "sh", "-c", "echo \"it's $1\"; uname -r; test -c /dev/iommu && exit 7", "x", "a 'word'");
        Assert.Equal(7, code);
        Assert.Contains("it's a 'word'", output, StringComparison.Ordinal);
        Assert.Contains("7.3", output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_guest_writes_to_what_is_shared_and_nowhere_else()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        DirectoryInfo shared = Directory.CreateDirectory(Path.Combine(Rig.Root, "obj", "rig", "shared, with commas"));
        try
        {
            string file = Path.Combine(shared.FullName, "out");
            (int code, string output) = Rig.Run(["--timeout", "60", "--share", shared.FullName], "sh", "-c", $"echo written >'{file}' && ! touch '{Rig.Root}/forbidden' 2>/dev/null");
            Assert.True(code == 0, output);
            Assert.Equal("written\n", File.ReadAllText(file));
        }
        finally
        {
            shared.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_guest_that_hangs_is_switched_off_and_its_console_shown()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        (int code, string output) = Rig.Run(["--timeout", "8"], "sh", "-c", "echo '<3>it hangs now' >/dev/kmsg; sleep 1000");
        Assert.Equal(125, code);
        Assert.Contains("switched off after 8 s", output, StringComparison.Ordinal);
        Assert.Contains("it hangs now", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_panics_is_a_failure_with_its_last_words()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        (int code, string output) = Rig.Run(["--timeout", "60", "--append", "rdinit=/nowhere"], "true");
        Assert.Equal(125, code);
        Assert.Contains("ended before its command did", output, StringComparison.Ordinal);
        Assert.Contains("Kernel panic", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_that_is_not_there_is_said_with_how_to_get_one()
    {
        string before = Environment.GetEnvironmentVariable("TEEIO_KERNEL") ?? "";
        try
        {
            Environment.SetEnvironmentVariable("TEEIO_KERNEL", "/nowhere/bzImage");
            (int code, string output) = Rig.Run([], "true");
            Assert.Equal(125, code);
            Assert.Contains("TEEIO_KERNEL names /nowhere/bzImage", output, StringComparison.Ordinal);
            Assert.Contains("build.sh", output, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TEEIO_KERNEL", before.Length == 0 ? null : before);
        }
    }
}
