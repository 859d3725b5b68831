using System.Reflection;
using TeeIo.Spdm.Fuzz;

namespace TeeIo.Spdm.Tests.Hostile;

/// <summary>The inputs that a fuzzer found to reach different code, once more. A line is one of them.</summary>
public sealed class CorpusTests
{
    private static readonly string s_folder = Path.Combine(
        typeof(CorpusTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(data => data.Key == "RepoRoot").Value!, "tests", "TeeIo.Spdm.Fuzz", "Corpus");

    [Fact]
    public void The_responder_lives_through_the_corpus() => Run("responder", ResponderTarget.Run);

    [Fact]
    public void The_requester_lives_through_the_corpus() => Run("requester", RequesterTarget.Run);

    private static void Run(string side, Action<ReadOnlySpan<byte>> target)
    {
        string[] inputs = File.ReadAllLines(Path.Combine(s_folder, $"{side}.txt"));
        Assert.True(inputs.Length > 20, "the corpus is gone");
        foreach (string input in inputs)
        {
            if (Record.Exception(() => target(Convert.FromHexString(input))) is { } wrong) Assert.Fail($"{input[..Math.Min(input.Length, 80)]}…: {wrong}");
        }
    }
}
