using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using TeeIo.Hostile;

namespace TeeIo.Abi.Tests;

/// <summary>A spec comes from anywhere: no text may crash or hang whoever reads it.</summary>
public partial class HostileTextTests
{
    private static readonly string[] s_small = ["tdx/ide-association.abi.yaml", "linux/dma-buf.abi.yaml", "tdx/td-params.abi.yaml", "pci/spdm-vendor.abi.yaml", "linux/pci-core.abi.yaml"];

    public static TheoryData<string, string> Nests() => new()
    {
        { "flow lists", new string('[', 100_000) },
        { "flow maps", string.Concat(Enumerable.Repeat("{a: ", 100_000)) },
        { "block lists", string.Concat(Enumerable.Repeat("- ", 100_000)) + "a" },
        { "block maps", string.Concat(Enumerable.Range(0, 1_000).Select(i => new string(' ', i) + "a:\n")) },
        { "keys", string.Concat(Enumerable.Repeat("? ", 100_000)) + "a" },
    };

    [Theory]
    [MemberData(nameof(Nests))]
    public void A_deep_nest_is_refused_and_not_followed(string kind, string text)
    {
        Assert.NotEmpty(kind);
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose("abi: a\nx:\n" + text));
        Assert.True(found.Id is "ABI0002" or "ABI0001", found.ToString());
    }

    [Fact]
    public void An_alias_bomb_is_refused_at_its_first_anchor()
    {
        StringBuilder bomb = new("a0: &a0 [x, x]\n");
        for (int i = 1; i < 64; i++) bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n");
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(bomb.ToString()));
        Assert.Equal(("ABI0003", 1, 5), (found.Id, found.Line, found.Column));
    }

    [Fact]
    public void Two_mebibytes_are_refused_unread()
    {
        AbiDiagnostic found = Assert.Single(SpecText.Diagnose(SpecText.Ioctl + new string('#', 2 << 20)));
        Assert.Equal("ABI0004", found.Id);
    }

    [Fact]
    public void Bytes_count_and_not_characters() => Assert.Equal("ABI0004", Assert.Single(SpecText.Diagnose("# " + new string('€', 400_000))).Id);

    [Fact]
    public void Many_mistakes_end_in_a_bounded_number_of_diagnostics()
    {
        string fields = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"      - {{ name: f{i}, type: t{i}, typ{i}: 1, in-if: X, length: y{i} }}\n"));
        string structs = string.Concat(Enumerable.Range(0, 10).Select(i => $"  s{i}:\n    fields:\n" + fields));
        Assert.InRange(SpecText.Diagnose(SpecText.IoctlHead + "structs:\n" + structs).Count, 200, 400);
    }

    [Theory]
    [InlineData("uses: [", "s0, ", "]\n")]
    [InlineData("structs: { s: { doc: d, fields: [", "{ name: a, type: b, in-if: C, length: d }, ", "] } }\n")]
    public async Task Repetition_takes_no_more_than_linear_time(string start, string item, string end)
    {
        // Quadratic work on this many items would take minutes.
        string text = SpecText.IoctlHead + start + string.Concat(Enumerable.Repeat(item, 900_000 / item.Length)) + end;
        await Task.Run(() => SpecText.Diagnose(text)).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Mutants_of_valid_specs_give_diagnostics_only()
    {
        const int Seed = 20_261_125;
        string[] originals = [SpecText.Ioctl, SpecText.Flow, .. s_small.Select(f => File.ReadAllText(SpecFilesTests.PathOf(f)))];
        SpecDocument used = SpecReader.Read("used.abi.yaml", SpecText.Ioctl);
        ConcurrentBag<string> failures = [];
        Parallel.For(0, MutationRun.Count, round =>
        {
            // Each round has a generator of its own, so that one can be run again alone.
            string mutant = Mutate(originals[round % originals.Length], new Random(HashCode.Combine(Seed, round)));
            Exception? thrown = Record.Exception(() => AbiSet.Link([used, SpecReader.Read("mutant.abi.yaml", mutant)]));
            if (thrown is not null) failures.Add($"seed {Seed}, round {round}: {thrown}\n{mutant}");
        });
        Assert.Empty(failures);
    }

    private static string Mutate(string original, Random random)
    {
        const string Interesting = "{}[]:,-?&*!|>'\"%@`#\n\t \\0xu\u0000\u0085\uFEFF\uD800~<=";
        StringBuilder text = new(original);
        int edits = random.Next(1, 6);
        for (int i = 0; i < edits && text.Length > 0; i++)
        {
            int at = random.Next(text.Length);
            int length = Math.Min(random.Next(1, 20), text.Length - at);
            switch (random.Next(7))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, Interesting[random.Next(Interesting.Length)]); break;
                case 2: text[at] = Interesting[random.Next(Interesting.Length)]; break;
                case 3: text.Insert(at, text.ToString(random.Next(text.Length - length), length)); break;
                case 4: text.Length = Math.Max(1, at); break;
                default: ReplaceFact(text, random); break;
            }
        }

        return text.ToString();
    }

    /// <summary>Puts one word or number of the text where another stands: what is left is YAML, and says something else.</summary>
    private static void ReplaceFact(StringBuilder text, Random random)
    {
        MatchCollection words = Word().Matches(text.ToString());
        if (words.Count == 0) return;
        Match place = words[random.Next(words.Count)];
        string other = words[random.Next(words.Count)].Value;
        text.Remove(place.Index, place.Length).Insert(place.Index, other);
    }

    [GeneratedRegex(@"[\w<-]+")]
    private static partial Regex Word();
}
