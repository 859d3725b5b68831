using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using TeeIo.Abi;
using TeeIo.Abi.Model;

namespace TeeIo.Generator.Tests;

/// <summary>A fact stands once, in abi-spec: no hand-written file types a number of a spec again.</summary>
public class LiteralTests
{
    /// <summary>Smaller numbers are counts, offsets and bits as often as they are codes.</summary>
    private const ulong Floor = 0x80;

    /// <summary>Hex literals that mean something else, and what.</summary>
    private static readonly Dictionary<ulong, string> _allowed = [];

    [Fact]
    public void No_hex_literal_of_hand_written_code_is_a_number_of_the_spec()
    {
        Dictionary<ulong, string> facts = Facts();
        string[] found =
        [
            .. Repository.HandWritten.SelectMany(file => Literals(file)
                .Where(l => facts.ContainsKey(l.Value) && !_allowed.ContainsKey(l.Value))
                .Select(l => $"{file}({l.Line}): 0x{l.Value:X} is {facts[l.Value]}; use its generated name")),
        ];
        Assert.True(found.Length == 0, string.Join("\n", found));
    }

    [Fact]
    public void A_number_of_the_spec_would_be_found()
    {
        Dictionary<ulong, string> facts = Facts();
        Assert.All(new ulong[] { 0x3B85, 0xC0000F5700000000, 0x10007, 0x80000020, 0xC4000187 }, n => Assert.Contains(n, facts));
        Assert.Equal([0x3B85UL, 0x80000020UL], LiteralsOf("class A { uint a = 0x3B_85u; ulong b = 0x8000_0020; int c = 133; string d = \"0x3B86\"; /* 0x3B87 */ }").Select(l => l.Value));
    }

    [Fact]
    public void Hand_written_code_is_read_at_all() => Assert.True(Repository.HandWritten.Sum(f => Literals(f).Count()) > 20);

    // What selects a call or is its outcome: flags and masks are combined and shifted, and all ones are a mask whatever else they may be.
    private static Dictionary<ulong, string> Facts()
    {
        Dictionary<ulong, string> facts = [];
        foreach (AbiSpec spec in AbiSet.Load(Repository.Specs.Select(s => (s.Path, s.GetText().ToString()))).Specs)
        {
            foreach (Call call in spec.Calls)
            {
                Add(call.Number, $"the number of {call.Name} in {spec.Name}");
                Add(call.Request, $"the request number of {call.Name} in {spec.Name}");
                Add(call.ResponseNumber, $"the response code of {call.Name} in {spec.Name}");
                foreach (string select in call.Select) Add(ulong.Parse(select[(select.IndexOf('=', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture), $"what selects {call.Name} in {spec.Name}");
            }

            foreach (EnumType type in spec.Enums.Where(e => !e.IsFlags))
            {
                foreach (EnumValue value in type.Values) Add(value.Value, $"{type.Name}.{value.Name} in {spec.Name}");
            }
        }

        return facts;

        void Add(ulong? number, string what)
        {
            if (number is { } n && n >= Floor && (n & (n + 1)) != 0) facts.TryAdd(n, what);
        }
    }

    private static IEnumerable<(ulong Value, int Line)> Literals(string file) => LiteralsOf(File.ReadAllText(file));

    private static IEnumerable<(ulong Value, int Line)> LiteralsOf(string text) =>
        from token in CSharpSyntaxTree.ParseText(text, GeneratorHarness.ParseOptions).GetRoot().DescendantTokens()
        where token.IsKind(SyntaxKind.NumericLiteralToken) && token.Text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        select (Convert.ToUInt64(token.Value, CultureInfo.InvariantCulture), token.GetLocation().GetLineSpan().StartLinePosition.Line + 1);
}
