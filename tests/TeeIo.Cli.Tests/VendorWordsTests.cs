using System.Reflection;
using System.Text.RegularExpressions;

namespace TeeIo.Cli.Tests;

/// <summary>What a vendor brings comes in by plug points: no hand-written file of the SDK or the platform, and of the samples, may name one.</summary>
public sealed partial class VendorWordsTests
{
    private static readonly string[] s_folders = ["TeeIo.Sdk", "TeeIo.Platform", "samples"];

    [Fact]
    public void No_hand_written_file_of_SDK_platform_and_samples_names_a_vendor()
    {
        string root = typeof(VendorWordsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepoRoot").Value!;
        List<string> named = [];
        foreach (string file in s_folders.SelectMany(d => Directory.EnumerateFiles(Path.Combine(root, "sdk", d), "*.cs", SearchOption.AllDirectories)))
        {
            if (file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)) continue;
            string[] lines = File.ReadAllLines(file);
            named.AddRange(lines.Select((line, i) => (line, i)).Where(l => Vendor().IsMatch(l.line)).Select(l => $"{file}:{l.i + 1}: {l.line.Trim()}"));
        }

        Assert.True(named.Count == 0, string.Join("\n", named));
    }

    [Theory]
    [InlineData("TsmReqOp.SevEnableDma", true)]
    [InlineData("enableSev(x)", true)]
    [InlineData("the SEV firmware", true)]
    [InlineData("KVM_EXIT_TDX", true)]
    [InlineData("if (tdx)", true)]
    [InlineData("GhcbPage", true)]
    [InlineData("isSnp", true)]
    [InlineData("several, seven, a severe SEVERAL amdgpu", false)]
    [InlineData("Rdx, intelligent", false)]
    public void A_vendor_is_known_by_its_words(string text, bool isVendor) => Assert.Equal(isVendor, Vendor().IsMatch(text));

    [GeneratedRegex("(?i:tdx|tdcm|tdcall|seamcall|ghcb|ghci)|(?<![A-Za-z])(?:[Ss]ev|SEV|[Ss]np|SNP|[Aa]md|AMD|[Ii]ntel|INTEL)(?![a-z]|[A-Z]{2})|(?<=[a-z])(?:Sev|Snp|Amd|Intel)(?![a-z])")]
    private static partial Regex Vendor();
}
