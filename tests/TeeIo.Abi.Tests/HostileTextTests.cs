using System.Text;

namespace TeeIo.Abi.Tests;

/// <summary>A spec comes from anywhere: no text may crash or hang whoever reads it.</summary>
public class HostileTextTests
{
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
    public void Random_mutants_of_valid_specs_never_throw()
    {
        const int Seed = 20_261_125;
        Random random = new(Seed);
        string[] originals = [SpecText.Ioctl, SpecText.Flow];
        for (int round = 0; round < 2_000; round++)
        {
            string mutant = Mutate(originals[round % 2], random);
            string other = originals[(round + 1) % 2];
            Exception? thrown = Record.Exception(() => SpecText.Diagnose(mutant, other));
            Assert.True(thrown is null, $"seed {Seed}, round {round}: {thrown}\n{mutant}");
        }
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
            switch (random.Next(5))
            {
                case 0: text.Remove(at, length); break;
                case 1: text.Insert(at, Interesting[random.Next(Interesting.Length)]); break;
                case 2: text[at] = Interesting[random.Next(Interesting.Length)]; break;
                case 3: text.Insert(at, text.ToString(random.Next(text.Length - length), length)); break;
                default: text.Length = Math.Max(1, at); break;
            }
        }

        return text.ToString();
    }
}
