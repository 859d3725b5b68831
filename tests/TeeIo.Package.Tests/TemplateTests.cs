using System.Text.RegularExpressions;

namespace TeeIo.Package.Tests;

/// <summary>From a template to a program that works, with packages of the local feed only.</summary>
[Collection(nameof(PackageFeed))]
public sealed partial class TemplateTests(PackageFeed feed)
{
    private static readonly string s_sample = Path.Combine(PackageFeed.Root, "sdk", "samples", "TeeIo.Plain");
    private static readonly string s_guide = Path.Combine(PackageFeed.Root, "sdk", "TeeIo.Templates", "vendor", "README.md");

    [Theory]
    [InlineData("teeio-vendor", "Acme", "Acme.slnx", "Acme/AcmeHostTsm.cs", "Acme/acme.abi.yaml", "Acme.Tests/FlowTests.cs")]
    [InlineData("teeio-vendor", "Contoso.Bridge", "Contoso.Bridge/ContosoBridgeHostTsm.cs", "Contoso.Bridge/contoso-bridge.abi.yaml")]
    [InlineData("teeio-abi", "FlowMeter", "FlowMeter.csproj", "flow-meter.abi.yaml")]
    public void A_project_from_a_template_has_its_own_name_everywhere(string template, string name, params string[] files)
    {
        string folder = feed.New(template, name);
        string[] made = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace('\\', '/'))];
        Assert.Empty(files.Except(made));
        foreach (string file in made)
        {
            Assert.DoesNotMatch(Leftover(), file);
            Assert.DoesNotMatch(Leftover(), File.ReadAllText(Path.Combine(folder, file)));
        }
    }

    [Fact]
    public void The_guide_shows_each_op_that_the_template_leaves_out_as_the_sample_has_it()
    {
        var ops = Guide.OpsOf(File.ReadAllText(s_guide)).GroupBy(o => o.Type).ToDictionary(g => g.Key, g => g.ToList());
        foreach (string file in Directory.EnumerateFiles(s_sample, "*.cs"))
        {
            string left = string.Concat(LeftOut().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value));
            foreach ((string type, string op, string code) in ops.GetValueOrDefault(Path.GetFileNameWithoutExtension(file), []))
            {
                Assert.True(left.Contains(Guide.InClass(code), StringComparison.Ordinal), $"{type}.{op} of {s_guide} isn't what stands between //#if (filled) and //#endif in {file}");
                left = left.Replace(Guide.InClass(code), "", StringComparison.Ordinal);
            }

            Assert.True(string.IsNullOrWhiteSpace(left), $"{s_guide} doesn't show what the template leaves out of {file}:\n{left}");
        }
    }

    [WholeFact]
    public void A_vendor_builds_at_once_its_test_names_what_is_to_fill_and_code_fixes_and_guide_make_the_flow_conform()
    {
        string folder = feed.New("teeio-vendor", "Acme");
        var ops = Guide.OpsOf(File.ReadAllText(Path.Combine(folder, "README.md")));
        string built = feed.Run(folder, "dotnet", "build");
        Assert.All(ops, o => Assert.Contains($"warning TSM0001: '{o.Type}' doesn't fill '{o.Op}' yet", built, StringComparison.Ordinal));

        (int code, string said) = feed.Try(folder, "dotnet", "test", "--no-build");
        Assert.NotEqual(0, code);
        Match stillToFill = StillToFill().Match(said);
        Assert.Equal(ops.Select(o => $"{o.Type}.{o.Op}").Order(), stillToFill.Groups[1].Value.Trim().Split(", ").Order());

        feed.Run(folder, "dotnet", "format", "analyzers", "--diagnostics", "TSM0001", "--severity", "warn");
        foreach ((string type, string op, string body) in ops)
        {
            string path = Path.Combine(folder, "Acme", type + ".cs");
            string text = File.ReadAllText(path);
            string unwritten = $"    protected override SysResult {op}({op}Context context)\n    {{\n        throw new NotImplementedException();\n    }}";
            Assert.Contains(unwritten, text, StringComparison.Ordinal);
            File.WriteAllText(path, text.Replace(unwritten, Guide.InClass(body), StringComparison.Ordinal));
        }

        Assert.DoesNotContain("warning", feed.Run(folder, "dotnet", "build", "--verbosity", "quiet", "-nologo", "-clp:NoSummary"), StringComparison.Ordinal);
        feed.Run(folder, "dotnet", "test", "--no-build");
    }

    [WholeFact]
    public void A_vendor_that_comes_filled_conforms()
    {
        string folder = feed.New("teeio-vendor", "Contoso.Bridge", "--filled");
        feed.Run(folder, "dotnet", "build", "-warnaserror");
        feed.Run(folder, "dotnet", "test", "--no-build");
    }

    [WholeFact]
    public void A_device_of_ones_own_builds_and_runs_and_editors_find_its_schema()
    {
        string folder = feed.New("teeio-abi", "FlowMeter");
        Assert.Contains("3 samples of channel 3: 3000, 3001, 3002 µV\nonce more: -EBUSY", feed.Run(folder, "dotnet", "run").ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("$schema=obj/abi.schema.json", File.ReadLines(Path.Combine(folder, "flow-meter.abi.yaml")).First(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "obj", "abi.schema.json")));
    }

    [GeneratedRegex(@"plain|my.?device|//#|TEEIO_VERSION|XUNIT_VERSION|TeeIo\.Templates", RegexOptions.IgnoreCase)]
    private static partial Regex Leftover();

    [GeneratedRegex(@"//#if \(filled\)\n(.*?)//#endif", RegexOptions.Singleline)]
    private static partial Regex LeftOut();

    [GeneratedRegex(@"Still to fill, see README\.md: (.*)")]
    private static partial Regex StillToFill();
}
