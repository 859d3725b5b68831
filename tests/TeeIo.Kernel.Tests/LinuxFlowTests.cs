using System.Text.Json;

namespace TeeIo.Kernel.Tests;

/// <summary><c>teeio flow --kernel linux</c> and <c>teeio doctor</c> on the real kernel, as their users run them.</summary>
public sealed class LinuxFlowTests
{
    private static readonly string s_teeio = Path.Combine(AppContext.BaseDirectory, "teeio.dll");

    [Fact]
    public void The_flow_conforms_on_a_real_kernel_for_both_vendors_and_says_which_rows_were_real()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        DirectoryInfo folder = Directory.CreateDirectory(Path.Combine(Rig.Root, "obj", "rig", "flow"));
        string file = Path.Combine(folder.FullName, "flow.json");
        (int code, string output) = Rig.Run(["--timeout", "120", "--share", folder.FullName], "dotnet", s_teeio, "flow", "--kernel", "linux", "--format", "json", "--out", file);
        Assert.True(code == 0, output);
        using JsonDocument reports = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(["tdx", "sev"], reports.RootElement.EnumerateArray().Select(r => r.GetProperty("vendor").GetString()));
        foreach (JsonElement report in reports.RootElement.EnumerateArray())
        {
            Assert.Equal("conforms", report.GetProperty("verdict").GetString());
            Assert.Equal(["2", "5", "7", "8", "9", "10", "11", "50"], Rows(report, "real"));
            Assert.Equal(["1", "12"], Rows(report, "model"));
        }
    }

    [Fact]
    public void A_device_that_is_not_there_is_said()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        (int code, string output) = Rig.Run(["--timeout", "120"], "dotnet", s_teeio, "flow", "--kernel", "linux", "--vendor", "tdx", "--device", "/dev/vfio/devices/vfio7");
        Assert.Equal(1, code);
        Assert.Contains("/dev/vfio/devices/vfio7 can't be opened: ENOENT", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_that_no_released_kernel_has_is_refused_before_anything_runs()
    {
        (int code, string output) = Rig.Teeio("flow", "--kernel", "linux", "--profile", "next");
        Assert.Equal(2, code);
        Assert.Contains("a released Linux has no profile 'next'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Doctor_finds_in_the_rig_all_that_assigning_a_device_needs()
    {
        Assert.SkipWhen(Rig.Lack is not null, Rig.Lack ?? "");
        (int code, string output) = Rig.Run(["--timeout", "60"], "dotnet", s_teeio, "doctor");
        Assert.True(code == 0, output);
        Assert.Contains("A device can be assigned here.", output, StringComparison.Ordinal);
        Assert.Matches(@"ok +kernel +Linux 7\.3", output);
        Assert.Matches(@"ok +IOMMU +dmar0", output);
        Assert.Matches(@"ok +VFIO +/dev/vfio/devices/vfio0 is 0000:00:0[0-9a-f]\.0 \(0x1234:0x11e8\)", output);
        Assert.Matches("ok +KVM +/dev/kvm; kinds of VM: DEFAULT_VM, SW_PROTECTED_VM", output);
        Assert.Matches("- +TSM +the TSM core is there, and no TSM", output);
    }

    private static IEnumerable<string?> Rows(JsonElement report, string ground) =>
        report.GetProperty("rows").EnumerateArray().Where(r => r.TryGetProperty("ground", out JsonElement g) && g.GetString() == ground).Select(r => r.GetProperty("row").GetString());
}
