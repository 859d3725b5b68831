using System.Text.Json;
using TeeIo.Abi.Tool.Explaining;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Tests;

public class ExplainTests
{
    [Theory]
    [InlineData("0x3B85", "IOMMU_IOAS_MAP")]
    [InlineData("15237", "IOMMU_IOAS_MAP")]
    [InlineData("ioctl(5, 0x3b85, 0x7ffd3a0) = 0", "IOMMU_IOAS_MAP")]
    [InlineData("12:00:01.5 ioctl(5, _IOC(_IOC_NONE, 0x3b, 0x85, 0), 0x7ffd3a0) = -1 EINVAL (Invalid argument)", "IOMMU_IOAS_MAP")]
    [InlineData("[pid 7] ioctl(3</dev/kvm>, KVM_CREATE_VM or _IOC(_IOC_NONE, 0xae, 0x1, 0), 0) = 4", "KVM_CREATE_VM")]
    [InlineData("ioctl(4, _IOC(_IOC_WRITE, 0xae, 0x49, 0xa0), 0x1)", "KVM_SET_USER_MEMORY_REGION2")]
    public void A_number_or_a_line_of_strace_has_a_name(string question, string name) => Assert.Contains(Meanings(question), m => m.GetProperty("name").GetString() == name);

    [Fact]
    public void A_number_with_two_meanings_has_them_both_with_their_profiles() =>
        Assert.Subset(
            Meanings("0x3B94").Select(m => $"{m.GetProperty("profile").GetString()} {m.GetProperty("name").GetString()}").ToHashSet(),
            new HashSet<string> { "all IOMMU_HW_QUEUE_ALLOC", "seed-2025-05 IOMMU_VDEVICE_TSM_GUEST_REQUEST" });

    [Fact]
    public void Bytes_are_read_as_the_record()
    {
        JsonElement json = Explain(["0x3B85"], "28000000 05000000 01000000 00000000 00000000a0ff0000 0010000000000000 0000000000000000", out _);
        Dictionary<string, string> fields = json.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("field").GetString()!, f => f.GetProperty("value").GetString()!);
        Assert.Equal("IOMMU_IOAS_MAP_FIXED_IOVA|IOMMU_IOAS_MAP_READABLE", fields["flags"]);
        Assert.Equal("0x1000", fields["length"]);
        Assert.Equal("1", fields["ioas_id"]);
    }

    [Fact]
    public void Bytes_that_end_early_give_the_fields_that_are_there()
    {
        JsonElement json = Explain(["0x3B85"], "28000000 05", out _);
        Assert.Equal("size", Assert.Single(json.GetProperty("fields").EnumerateArray()).GetProperty("field").GetString());
    }

    [Fact]
    public void A_call_has_the_states_in_which_it_works_and_those_that_it_leads_to()
    {
        JsonElement state = Explain(["0xC400017B"], null, out _).GetProperty("states").EnumerateArray().Single(s => s.GetProperty("abi").GetString() == "rmi");
        Assert.Contains("pdev-state NEEDS_KEY", state.GetProperty("allowed").GetString(), StringComparison.Ordinal);
        Assert.Contains("pdev-state HAS_KEY", state.GetProperty("then").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IOMMU_IOAS_MAP", "iommufd", "ioctl request", "0x3B85")]
    [InlineData("iommu_ioas_map", "iommufd", "ioctl request", "0x3B85")]
    [InlineData("RMI_PDEV_SET_PUBKEY", "rmi", "call number", "0xC400017B")]
    [InlineData("TDH.TDI.STOP", "seamcall", "call without a public number", "unknown")]
    [InlineData("LOCK_INTERFACE_REQUEST", "tdisp", "request code", "0x83")]
    [InlineData("VFIO_DEVICE_FEATURE_DMA_BUF", "vfio", "part of VFIO_DEVICE_FEATURE", null)]
    [InlineData("link-ops.bind", "tsm-ops", "operation", null)]
    public void A_call_is_known_by_its_name(string name, string abi, string kind, string? number)
    {
        JsonElement found = Meanings(name).Single(m => m.GetProperty("abi").GetString() == abi);
        Assert.Equal(kind, found.GetProperty("kind").GetString());
        Assert.Equal(number, found.TryGetProperty("number", out JsonElement text) ? text.GetString() : null);
    }

    [Fact]
    public void A_call_has_the_sequences_and_the_rows_of_flows_in_which_it_is_made()
    {
        string[] uses = Uses("RMI_VDEV_UNLOCK");
        Assert.Contains(uses, u => u.StartsWith("cca-sequences: sequence unbind, step ", StringComparison.Ordinal));
        Assert.Contains("cca-tdi-lifecycle: row 41: TDX stop tdi, client, within link-ops.unbind", uses);
    }

    [Theory]
    [InlineData("TDX_TDI_STPO", "TDH.TDI.STOP")]
    [InlineData("ioas_map", "IOMMU_IOAS_MAP")]
    [InlineData("TDH.TDI.LOCK", "TDH.TDI.BIND")]
    [InlineData("conect", "connect")]
    public void A_slip_of_the_pen_gets_a_suggestion(string typed, string meant) =>
        Assert.EndsWith($"did you mean '{meant}'?", Assert.Throws<ToolException>(() => Explain([typed], null, out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_like_nothing_gets_none() =>
        Assert.DoesNotContain("did you mean", Assert.Throws<ToolException>(() => Explain(["zzzzzzzzzzzzzzzzzzzzzzzz"], null, out _)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_sequence_has_its_calls_in_order()
    {
        string[] calls = [.. Explain(["connect"], null, out _).GetProperty("sequences").EnumerateArray().Where(s => s.GetProperty("abi").GetString() == "cca-sequences").Select(s => s.GetProperty("call").GetString()!)];
        Assert.Equal("RMI_PDEV_STREAM_COMPLETE", calls[^1]);
        Assert.True(Array.IndexOf(calls, "RMI_PDEV_SET_PUBKEY") < Array.IndexOf(calls, "RMI_PDEV_STREAM_CONNECT"), string.Join(' ', calls));
    }

    [Fact]
    public void A_number_that_nobody_knows_is_found_by_the_exit_code()
    {
        Explain(["0xDEADBEEFCAFE"], null, out int code);
        Assert.Equal(ExitCode.Found, code);
    }

    [Theory]
    [InlineData("hello", null)]
    [InlineData("0x3B85", "2")]
    [InlineData("0x3B85", "zz")]
    public void What_is_no_question_is_refused_in_one_line(string question, string? bytes) => Assert.Throws<ToolException>(() => Explain([question], bytes, out _));

    [Fact]
    public void Collisions_are_those_of_the_profiles_and_trees()
    {
        using StringWriter output = new();
        Assert.Equal(ExitCode.Ok, CollisionsCommand.Run(Repository.Specs, OutputFormat.Json, output));
        string[] numbers = [.. JsonDocument.Parse(output.ToString()).RootElement.GetProperty("collisions").EnumerateArray().Select(c => c.GetProperty("number").GetString()!).Distinct()];
        Assert.Subset(numbers.ToHashSet(), new HashSet<string> { "0x3B94", "0x3B95", "0x3B96" });
    }

    private static string[] Uses(string question) =>
        [.. Explain([question], null, out _).GetProperty("uses").EnumerateArray().Select(u => $"{u.GetProperty("abi").GetString()}: {u.GetProperty("where").GetString()}: {u.GetProperty("what").GetString()}")];

    private static JsonElement.ArrayEnumerator Meanings(string question) => Explain([question], null, out _).GetProperty("meanings").EnumerateArray();

    private static JsonElement Explain(IReadOnlyList<string> questions, string? bytes, out int code)
    {
        using StringWriter output = new();
        code = ExplainCommand.Run(Repository.Specs, questions, bytes, OutputFormat.Json, output);
        return JsonDocument.Parse(output.ToString()).RootElement;
    }
}
