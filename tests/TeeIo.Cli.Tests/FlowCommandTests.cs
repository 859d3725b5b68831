using System.Diagnostics;
using System.Text.Json;

namespace TeeIo.Cli.Tests;

/// <summary><c>teeio flow</c> as a user runs it: a process with arguments, output and an exit code.</summary>
public sealed class FlowCommandTests
{
    [Fact]
    public void Json_accounts_for_51_rows_and_exits_0()
    {
        (int code, string output, string error) = Run("flow", "--vendor", "tdx", "--format", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal("conforms", document.RootElement.GetProperty("verdict").GetString());
        Assert.Equal(0, document.RootElement.GetProperty("violations").GetArrayLength());
        JsonElement rows = document.RootElement.GetProperty("rows");
        Assert.Equal(51, rows.GetArrayLength());
        foreach (JsonElement row in rows.EnumerateArray().Where(r => r.GetProperty("how").GetString() == "call"))
        {
            Assert.False(string.IsNullOrEmpty(row.GetProperty("call").GetString()));
            Assert.True(row.GetProperty("at").GetInt32() >= 0);
        }
    }

    [Fact]
    public void Without_a_vendor_all_of_them_run()
    {
        (int code, string output, string error) = Run("flow", "--format", "json");
        Assert.Equal((0, string.Empty), (code, error));
        using JsonDocument document = JsonDocument.Parse(output);
        Assert.Equal(["tdx", "sev"], document.RootElement.EnumerateArray().Select(r => r.GetProperty("vendor").GetString()));
        Assert.All(document.RootElement.EnumerateArray(), r => Assert.Equal(("conforms", 51), (r.GetProperty("verdict").GetString(), r.GetProperty("rows").GetArrayLength())));
    }

    [Fact]
    public void An_unknown_vendor_is_refused_with_the_known_ones() => AssertRefused("there is no vendor 'arm'; known: tdx, sev, all", "flow", "--vendor", "arm");

    [Fact]
    public void An_unknown_profile_is_refused_with_the_known_ones() =>
        AssertRefused("there is no profile 'linux-9.9'; known: seed-2025-05, arm-v5, next, linux-7.3", "flow", "--profile", "linux-9.9");

    [Fact]
    public void A_kernel_that_cannot_bind_conforms_as_far_as_it_goes_and_says_how_far()
    {
        (int code, string output, string error) = Run("flow", "--profile", "linux-7.3");
        Assert.Equal((0, string.Empty), (code, error));
        Assert.EndsWith("verdict: conforms as far as the profile goes (rows, order, invariants); absent from it: 3, 4, 6, 13–49\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_refused_and_nothing_is_left()
    {
        string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        AssertRefused("can't be written", "flow", "--out", Path.Combine(folder, "flow.txt"));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Out_writes_what_standard_output_would_show()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            Assert.Equal(0, Run("flow", "--vendor", "sev", "--out", file).Code);
            Assert.Equal(Run("flow", "--vendor", "sev").Output, File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_policy_made_of_what_the_device_shows_is_one_to_run_with()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            (int code, string policy, string error) = Run("flow", "--print-policy");
            Assert.Equal((0, string.Empty), (code, error));
            File.WriteAllText(file, policy);
            Assert.Equal(0, Run("flow", "--policy", file).Code);
            File.WriteAllText(file, policy.Replace("\"leastVersion\": 3", "\"leastVersion\": 4", StringComparison.Ordinal));
            (code, string output, error) = Run("flow", "--policy", file, "--vendor", "tdx");
            Assert.Equal((1, string.Empty), (code, error));
            Assert.Contains("violation: vm0's guest: 00:03.0 was refused by measurements.manifest, index 5: expected version 4 or higher; found SecureVersionNumber, the value 0300000000000000", output, StringComparison.Ordinal);
            File.WriteAllText(file, policy.Replace("MutableFirmware", "Firmware", StringComparison.Ordinal));
            AssertRefused("$.measurements.manifest[1]: 'Firmware' in 'type' isn't one of ImmutableRom, MutableFirmware, ", "flow", "--policy", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_policy_that_cannot_be_read_or_made_is_refused()
    {
        AssertRefused("no-such.json can't be read", "flow", "--policy", "no-such.json");
        AssertRefused("no guest has collected evidence", "flow", "--print-policy", "--profile", "linux-7.3");
        AssertRefused("take one of them", "flow", "--print-policy", "--policy", "some.json");
        AssertRefused("its guests attest nothing", "flow", "--policy", "some.json", "--kernel", "linux");
    }

    private static void AssertRefused(string reason, params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.StartsWith("teeio: ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "teeio.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
