using System.Globalization;
using System.Text.RegularExpressions;
using TeeIo.Abi.Model;
using TeeIo.Abi.Tool.Checking;
using TeeIo.Abi.Tool.Headers;

namespace TeeIo.Abi.Tool.Tests;

/// <summary>Single wrong facts: each is a diagnostic of the spec's own rules or a difference from a real header.</summary>
public sealed partial class CorruptionTests(ITestOutputHelper output)
{
    private const int Seed = 20261125;
    private const int LinesOfACall = 4;
    private static readonly int s_corruptions = int.TryParse(Environment.GetEnvironmentVariable("TEEIO_CORRUPTIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 150;

    [HeadersFact]
    public void Every_corruption_that_a_header_can_see_is_caught()
    {
        string headers = KernelHeaders.Of("7.3");
        IReadOnlyList<HeaderFact> facts = HeaderFacts.Of(Repository.Specs);
        IReadOnlyList<ulong?> values = new HeaderProbe("cc", headers).Values(HeaderFacts.Headers(Repository.Specs), [.. facts.Select(f => f.Expression)]);
        Dictionary<string, ulong?> known = facts.Select((f, i) => (f.Expression, Value: values[i])).DistinctBy(p => p.Expression).ToDictionary(p => p.Expression, p => p.Value);
        Random random = new(Seed);
        int byRules = 0;
        List<string> missed = [];
        for (int i = 0; i < s_corruptions; i++)
        {
            (string path, int line, string before, string after, string text) = Corrupt(facts, random);
            AbiSet set = Load(path, text);
            if (set.Diagnostics.Any(d => d.Severity == AbiSeverity.Error))
            {
                byRules++;
                continue;
            }

            IReadOnlyList<HeaderFact> now = HeaderFacts.Of(new SpecFolder(path, set));
            HeaderComparison comparison = HeaderComparison.Of(headers, HeaderVersion.Of(headers), now, [.. now.Select(f => known.GetValueOrDefault(f.Expression))]);
            if (comparison.Differences.Count == 0) missed.Add($"{path}:{line}: {before.Trim()} → {after.Trim()}");
        }

        output.WriteLine($"seed {Seed}: {s_corruptions} corruptions, {byRules} caught by the spec's own rules, {s_corruptions - byRules - missed.Count} by the header, {missed.Count} missed");
        Assert.Empty(missed);
    }

    /// <summary>The set with one file replaced: that file, and those that it uses.</summary>
    private static AbiSet Load(string path, string text)
    {
        AbiSpec spec = Repository.Specs.Specs.First(s => s.Document.Path == path).Spec;
        HashSet<string> wanted = [.. spec.Uses, "errno"];
        for (int before = 0; before != wanted.Count;)
        {
            before = wanted.Count;
            wanted.UnionWith(Repository.Specs.Set.Specs.Where(s => wanted.Contains(s.Name)).SelectMany(s => s.Uses));
        }

        return AbiSet.Load(Repository.Specs.Specs.Where(s => wanted.Contains(s.Spec.Name) && s.Document.Path != path)
            .Select(s => (s.Document.Path, File.ReadAllText(Repository.PathOf(s.Document.Path)))).Append((path, text)));
    }

    private static (string Path, int Line, string Before, string After, string Text) Corrupt(IReadOnlyList<HeaderFact> facts, Random random)
    {
        while (true)
        {
            HeaderFact fact = facts[random.Next(facts.Count)];
            string[] lines = File.ReadAllLines(Repository.PathOf(fact.Path));
            int index = fact.Line - 1 + (lines[fact.Line - 1].TrimEnd().EndsWith(':') ? random.Next(1, LinesOfACall) : 0);
            if (index >= lines.Length) continue;
            MatchCollection places = Fact().Matches(lines[index]);
            if (places.Count == 0) continue;
            Match place = places[random.Next(places.Count)];
            string before = lines[index];
            lines[index] = before[..place.Index] + Other(place.Value, random) + before[(place.Index + place.Length)..];
            if (lines[index] != before) return (fact.Path, index + 1, before, lines[index], string.Join('\n', lines) + "\n");
        }
    }

    private static string Other(string fact, Random random)
    {
        if (fact[0] is 'u' or 's')
        {
            string[] types = ["u8", "u16", "u32", "u64"];
            return types[random.Next(types.Length)];
        }

        Assert.True(AbiNumber.TryParse(fact, out ulong value));
        ulong other = random.Next(4) switch { 0 => value + 1, 1 => value == 0 ? 2 : value - 1, 2 => value ^ (1UL << random.Next(8)), _ => value + 8 };
        return "0x" + other.ToString("X", CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(?<=\b(value|at|nr|request|count|size): )(0x[0-9A-Fa-f]+|[0-9]+(<<[0-9]+)?)\b|(?<=\btype: )[us](8|16|32|64)\b")]
    private static partial Regex Fact();
}
