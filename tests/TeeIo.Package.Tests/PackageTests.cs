using System.Xml.Linq;

namespace TeeIo.Package.Tests;

/// <summary>What strangers get: packages of a local feed, an empty cache, and no project of ours.</summary>
[Collection(nameof(PackageFeed))]
public sealed class PackageTests(PackageFeed feed)
{
    private const string Expected = "mapped 1048576 bytes, done 42, -EINVAL";

    public static TheoryData<string> Ids => [.. PackageFeed.Ids];

    [Fact]
    public void No_other_packages_are_made() => Assert.Equal(PackageFeed.Ids.Order(), feed.Made.Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_package_has_a_page_an_icon_and_a_licence(string id)
    {
        IReadOnlyList<string> files = feed.Files(id);
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.Contains("<license type=\"expression\">MIT</license>", feed.Text(id, $"{id}.nuspec"), StringComparison.Ordinal);
        Assert.StartsWith("# ", feed.Text(id, "README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TeeIo.Sdk", "abi-spec/linux/iommufd.abi.yaml")]
    [InlineData("TeeIo.Sdk", "abi-spec/pci/tdisp.abi.yaml")]
    [InlineData("TeeIo.Sdk", "buildTransitive/TeeIo.Sdk.props")]
    [InlineData("TeeIo.Tdx", "abi-spec/tdx/ghci.abi.yaml")]
    [InlineData("TeeIo.Tdx", "buildTransitive/TeeIo.Tdx.props")]
    [InlineData("TeeIo.Sev", "buildTransitive/TeeIo.Sev.props")]
    [InlineData("TeeIo.Sev", "abi-spec/sev/ghcb.abi.yaml")]
    [InlineData("TeeIo.Generator", "schema/abi.schema.json")]
    [InlineData("TeeIo.Generator", "THIRD-PARTY-NOTICES.txt")]
    [InlineData("TeeIo.Generator", "analyzers/dotnet/cs/TeeIo.Generator.CodeFixes.dll")]
    [InlineData("TeeIo.Generator", "analyzers/dotnet/cs/Scriban.Signed.dll")]
    public void A_package_brings(string id, string file) => Assert.Contains(file, feed.Files(id));

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_package_has_notices_of_every_library_of_others_that_it_carries(string id)
    {
        IReadOnlyList<string> files = feed.Files(id);
        string[] others = [.. files.Where(f => f.EndsWith(".dll", StringComparison.Ordinal)).Select(f => Path.GetFileNameWithoutExtension(f)).Where(f => !f.StartsWith("teeio", StringComparison.OrdinalIgnoreCase))];
        Assert.Equal(others.Length > 0, files.Contains("THIRD-PARTY-NOTICES.txt"));
        if (others.Length == 0) return;
        string notices = feed.Text(id, "THIRD-PARTY-NOTICES.txt");
        string carried = notices.Split("\n\n").SkipWhile(p => !p.StartsWith(id, StringComparison.Ordinal)).ElementAt(1) + (id == "TeeIo.Abi.Tool" ? notices : "");
        XDocument versions = XDocument.Load(Path.Combine(PackageFeed.Root, "Directory.Packages.props"));
        foreach (string library in others)
        {
            // Spectre.Console.Ansi comes along with Spectre.Console, at its version.
            string? version = versions.Descendants("PackageVersion").FirstOrDefault(v => library.StartsWith(v.Attribute("Include")!.Value, StringComparison.Ordinal))?.Attribute("Version")!.Value;
            Assert.Contains($"{library} {version} ", carried, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void An_assembly_says_from_which_commit_it_is(string id)
    {
        foreach (string file in feed.Files(id).Where(f => f.EndsWith(".dll", StringComparison.Ordinal) && Path.GetFileName(f).StartsWith("teeio", StringComparison.OrdinalIgnoreCase)))
            Assert.Matches(Path.Exists(Path.Combine(PackageFeed.Root, ".git")) ? $@"^{PackageFeed.Version}\+[0-9a-f]{{40}}$" : $"^{PackageFeed.Version}$", PackedAssembly.VersionOf(feed.Bytes(id, file)));
    }

    [WholeFact]
    public void Packing_twice_gives_the_same_bytes()
    {
        string again = Path.Combine(feed.Feed, "..", "again");
        PackageFeed.Pack(again);
        Assert.All(PackageFeed.Ids, id => Assert.Equal(File.ReadAllBytes(feed.PathOf(id)), File.ReadAllBytes(Path.Combine(again, Path.GetFileName(feed.PathOf(id))))));
    }

    [Fact]
    public void The_generator_is_no_library_of_its_users() => Assert.DoesNotContain(feed.Files("TeeIo.Generator"), f => f.StartsWith("lib/", StringComparison.Ordinal));

    /// <summary>With the SDK itself, and with a library that stands between; the harder one on a desk.</summary>
    public static TheoryData<bool> Ways => PackageFeed.IsWhole ? [true, false] : [true];

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_project_calls_IOMMUFD_and_a_device_of_its_own(bool hasLibraryBetween)
    {
        if (!hasLibraryBetween)
        {
            AssertRuns(feed.Consumer("App", "direct"), "TeeIo.Sdk", PackageFeed.Version);
            return;
        }

        string library = feed.Consumer("Library", "library");
        feed.Run(library, "dotnet", "pack", "--output", feed.Feed, $"-p:TeeIoVersion={PackageFeed.Version}", "--verbosity", "quiet");
        AssertRuns(feed.Consumer("App", "indirect"), "Consumer.Library", "1.0.0");
    }

    /// <summary>Tools, and what they say when they are asked; one of them on a desk.</summary>
    public static TheoryData<string, string, string, string[]> Tools
    {
        get
        {
            var tools = new TheoryData<string, string, string, string[]> { { "TeeIo.Abi.Tool", "teeio-abi", "IOMMU_HW_QUEUE_ALLOC", ["explain", "0x3B94"] } };
            if (PackageFeed.IsWhole) tools.Add("TeeIo.Cli", "teeio", "conforms", ["flow", "--vendor", "tdx"]);
            return tools;
        }
    }

    [Theory]
    [MemberData(nameof(Tools))]
    public void A_tool_installs_and_runs(string id, string name, string expected, string[] arguments)
    {
        string folder = Directory.CreateDirectory(Path.Combine(feed.Feed, "..", "tool-" + name)).FullName;
        feed.Run(folder, "dotnet", "tool", "install", id, "--version", PackageFeed.Version, "--tool-path", folder);
        Assert.Contains(expected, feed.Run(folder, Path.Combine(folder, name), arguments), StringComparison.Ordinal);
    }

    // As native code where all is asked for; the same program otherwise.
    private void AssertRuns(string folder, string through, string version)
    {
        string[] properties = [$"-p:Through={through}", $"-p:ThroughVersion={version}", $"-p:TeeIoVersion={PackageFeed.Version}", "--output", Path.Combine(folder, "out"), "--verbosity", "quiet"];
        feed.Run(folder, "dotnet", [PackageFeed.IsWhole ? "publish" : "build", .. properties, .. PackageFeed.IsWhole ? Array.Empty<string>() : ["-p:PublishAot=false"]]);
        Assert.Equal(Expected, feed.Run(folder, Path.Combine(folder, "out", "App")).Trim());
        Assert.Equal(PackageFeed.IsWhole, !File.Exists(Path.Combine(folder, "out", "TeeIo.Sdk.dll")));
    }
}
