using System.Text.Json;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Output;

namespace TeeIo.Abi.Tool.Tests;

public class CheckCommandTests
{
    [Fact]
    public void Right_specs_are_said_to_be()
    {
        using StringWriter output = new();
        Assert.Equal(ExitCode.Ok, CheckCommand.Run(Repository.Specs, [], "cc", hasStats: true, hasLacking: false, OutputFormat.Text, output));
        Assert.Contains(" 0 diagnostics", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Coverage", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_spec_is_told_with_its_place()
    {
        using TemporaryFolder folder = new();
        folder.Write("wrong.abi.yaml", "abi: wrong\nkind: nonsense\n");
        using StringWriter output = new();
        Assert.Equal(ExitCode.Found, CheckCommand.Run(SpecFolder.Load(new DirectoryInfo(folder.Path)), [], "cc", hasStats: false, hasLacking: false, OutputFormat.Json, output));
        JsonElement diagnostic = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("diagnostics").EnumerateArray().First();
        Assert.EndsWith("wrong.abi.yaml:2:7", diagnostic.GetProperty("place").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_specs_is_refused_in_one_line()
    {
        using TemporaryFolder folder = new();
        ToolException e = Assert.Throws<ToolException>(() => SpecFolder.Load(new DirectoryInfo(folder.Path)));
        Assert.Contains(folder.Path, e.Message, StringComparison.Ordinal);
    }
}
